using Pipeline.PostProcess;

namespace Pipeline.Inference.Tests;

/// <summary>A ticket with a source and a number, whose image is a grey level.</summary>
internal readonly record struct Ticket(int Source, int Number, ImageView Image, IDetectionDecoder Decoder) : IBatchTicket;

/// <summary>One uniform 2×2 image for each grey level, for tickets to point at.</summary>
internal sealed class GreyImages : IDisposable
{
    private readonly TestImage[] _images = new TestImage[256];

    /// <summary>The decoder of the tickets that are made from now on.</summary>
    public IDetectionDecoder Decoder { get; set; } = new FakeDecoder();

    public GreyImages()
    {
        for (int level = 0; level < _images.Length; level++)
        {
            _images[level] = new TestImage(2, 2);
            _images[level].Fill((byte)level, (byte)level, (byte)level);
        }
    }

    /// <summary>The ticket of a source with a number; its grey level is the number, modulo 256.</summary>
    public Ticket Ticket(int source, int number) => new(source, number, _images[number & 255].View, Decoder);

    public void Dispose()
    {
        foreach (TestImage image in _images)
        {
            image.Dispose();
        }
    }
}
