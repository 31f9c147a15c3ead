using OpenCvSharp;
using Pipeline.Testing;

namespace Pipeline.Render.Tests.Encoding;

public sealed class VideoFileWriterTests : IDisposable
{
    private static readonly Size Size = new(160, 120);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Write_EvenTimes_HasEveryFrameAtItsTime()
    {
        double[] given = [.. Enumerable.Range(0, 40).Select(i => 7 + (i / 10.0))];
        using (var writer = new VideoFileWriter(_folder["video.avi"], Size))
        {
            WriteFrames(writer, given);
            writer.Complete();
            Assert.Equal(40, writer.FramesWritten);
        }

        double[] times = await VideoProbe.FrameTimesAsync(_folder["video.avi"]);
        Assert.Equal(given.Length, times.Length);
        Assert.All(times.Zip(given), pair => Assert.Equal(pair.Second - 7, pair.First, 0.01));
    }

    [Fact]
    public async Task Write_Gap_IsFilledSoThatLaterFramesKeepTheirTime()
    {
        using (var writer = new VideoFileWriter(_folder["video.avi"], Size))
        {
            WriteFrames(writer, [0, 0.1, 0.2, 1.0, 1.1]);
            writer.Complete();
        }

        double[] times = await VideoProbe.FrameTimesAsync(_folder["video.avi"]);
        Assert.Equal(12, times.Length);
        Assert.Equal(1.1, times[^1], 0.01);
    }

    [Fact]
    public async Task Dispose_AfterASingleFrame_FinishesTheFile()
    {
        using (var writer = new VideoFileWriter(_folder["video.avi"], Size))
        {
            WriteFrames(writer, [3]);
        }

        Assert.Single(await VideoProbe.FrameTimesAsync(_folder["video.avi"]));
    }

    [Fact]
    public async Task Write_OddSize_LeavesOutTheLastRowAndColumn()
    {
        var odd = new Size(161, 121);
        using (var writer = new VideoFileWriter(_folder["video.avi"], odd))
        {
            WriteFrames(writer, [0, 0.1, 0.2], odd);
            writer.Complete();
        }

        Assert.Equal(["160", "120"], await VideoProbe.StreamAsync(_folder["video.avi"], "width", "height"));
        Assert.Equal(3, (await VideoProbe.FrameTimesAsync(_folder["video.avi"])).Length);
    }

    [Fact]
    public void Write_FolderThatIsNotThere_ThrowsOutputExceptionThatNamesThePath()
    {
        using var writer = new VideoFileWriter(_folder["no such folder/video.avi"], Size);

        var exception = Assert.Throws<OutputException>(() => WriteFrames(writer, [0, 0.1]));

        Assert.Contains("no such folder/video.avi", exception.Message, StringComparison.Ordinal);
        Assert.Throws<OutputException>(writer.Complete);
    }

    [Fact]
    public void Write_FrameOfAnotherSize_ThrowsArgumentException()
    {
        using var writer = new VideoFileWriter(_folder["video.avi"], Size);

        Assert.Throws<ArgumentException>(() => WriteFrames(writer, [0], new Size(10, 10)));
    }

    private static void WriteFrames(VideoFileWriter writer, double[] seconds, Size? size = null)
    {
        using var image = new Mat(size ?? Size, MatType.CV_8UC3);
        for (int i = 0; i < seconds.Length; i++)
        {
            image.SetTo(Scalar.All(40 + (5 * i % 200)));
            writer.Write(image, TimeSpan.FromSeconds(seconds[i]));
        }
    }
}
