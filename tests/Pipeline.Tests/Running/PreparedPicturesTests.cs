using Pipeline.Capture;
using Pipeline.Host.Running;
using Pipeline.Inference;
using Pipeline.Testing;

namespace Pipeline.Tests.Running;

/// <summary>Pictures to calibrate with, of sources that give many, few, or none.</summary>
public sealed class PreparedPicturesTests
{
    private static readonly InputSpec Input = new() { Name = "image", Width = 4, Height = 4 };

    [Fact]
    public void Read_LongSource_KeepsPicturesSpreadOverIt()
    {
        List<ReadOnlyMemory<byte>> pictures = PreparedPictures.Read(
            SourceAddress.Parse(Repository.SampleVideo), Input, most: 20, CancellationToken.None);

        Assert.InRange(pictures.Count, 10, 20);
        Assert.All(pictures, picture => Assert.Equal(Input.ImageBytes, picture.Length));
    }

    [Fact]
    public void Read_LiveSourceWithoutEnd_EndsByItself() =>
        Assert.InRange(PreparedPictures.Read(SourceAddress.Parse("test://64x48@1000"), Input, most: 4, CancellationToken.None).Count, 2, 4);

    [Fact]
    public async Task Read_CameraThatOpensAndSendsNothing_EndsWithTheReason()
    {
        using RtspCamera camera = await RtspCamera.StartAsync("--mode", "mute");

        var error = Assert.Throws<SourceException>(
            () => PreparedPictures.Read(SourceAddress.Parse(camera.Address), Input, most: 4, CancellationToken.None));

        Assert.Contains("sends no picture", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_CameraThatFallsSilent_EndsWithTheReason()
    {
        using RtspCamera camera = await RtspCamera.StartAsync("--mode", "stall:1");

        var error = Assert.Throws<SourceException>(
            () => PreparedPictures.Read(SourceAddress.Parse(camera.Address), Input, most: 100, CancellationToken.None));

        Assert.Contains("sent nothing for 5 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Cancelled_Throws() => Assert.ThrowsAny<OperationCanceledException>(
        () => PreparedPictures.Read(SourceAddress.Parse("test://64x48@1"), Input, most: 4, new CancellationToken(canceled: true)));
}
