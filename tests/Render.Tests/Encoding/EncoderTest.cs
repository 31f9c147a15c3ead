using OpenCvSharp;
using Pipeline.Testing;

namespace Pipeline.Render.Tests.Encoding;

/// <summary>What tests of an encoder share: frames for it, and a place for what it gives.</summary>
public abstract class EncoderTest : IDisposable
{
    private protected static readonly Size Small = new(160, 120);
    private protected static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private protected TemporaryFolder Folder { get; } = new();

    private protected FragmentCollector Collector { get; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        Collector.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Ten times a second.</summary>
    private protected static double[] Seconds(double from, int count) => [.. Enumerable.Range(0, count).Select(i => from + (i / 10.0))];

    private protected static void WriteFrames(FfmpegEncoder encoder, double[] seconds, Size? size = null)
    {
        using var image = new Mat(size ?? Small, MatType.CV_8UC3);
        for (int i = 0; i < seconds.Length; i++)
        {
            image.SetTo(Scalar.All(40 + (5 * i % 200)));
            encoder.Write(image, TimeSpan.FromSeconds(seconds[i]), Noon, []);
        }
    }

    private protected FfmpegEncoder Start(
        Size size,
        EncoderOptions? options = null,
        TimeSpan start = default,
        long firstNumber = 0,
        TimeProvider? time = null) =>
        new(options ?? new EncoderOptions(), size, start, firstNumber, Collector.Take, time ?? TimeProvider.System);
}
