using OpenCvSharp;
using Pipeline.PostProcess;
using Pipeline.Render.Tests.Encoding;

namespace Pipeline.Render.Tests.Recording;

/// <summary>Real video for recorders: small pictures of changing grey, encoded once, as fast as it goes.</summary>
internal static class EncodedVideo
{
    public static readonly DateTimeOffset Noon = MadeFragments.Noon;
    public static readonly LabelMap Labels = LabelMap.FromList(1, ["person", "bicycle", "car"]);

    private static readonly Size Size = new(64, 48);

    /// <summary>Encodes so many seconds.</summary>
    /// <param name="seconds">Seconds.</param>
    /// <param name="rate">Frames a second.</param>
    /// <param name="take">Takes each fragment with its lease, on a thread of the encoder's.</param>
    /// <param name="classAt">The class on the frame of a second; null for none.</param>
    public static void Encode(int seconds, int rate, Action<EncodedFragment> take, Func<double, int?>? classAt = null)
    {
        using var encoder = new FfmpegEncoder(
            new EncoderOptions { Preset = "ultrafast" }, Size, TimeSpan.Zero, 0, take, TimeProvider.System);
        using var image = new Mat(Size, MatType.CV_8UC3);
        for (int i = 0; i < seconds * rate; i++)
        {
            double time = i / (double)rate;
            image.SetTo(Scalar.All(40 + (i % 200)));
            Detection[] found = classAt?.Invoke(time) is { } id ? [new Detection(id, 0.9f, new Box(0, 0, 1, 1), -1)] : [];
            encoder.Write(image, TimeSpan.FromSeconds(time), Noon.AddSeconds(time), found);
        }

        encoder.Complete();
    }

    /// <summary>Encodes so many seconds and keeps the fragments.</summary>
    public static FragmentCollector Collect(int seconds, int rate = 10, Func<double, int?>? classAt = null)
    {
        var collector = new FragmentCollector();
        Encode(seconds, rate, collector.Take, classAt);
        return collector;
    }
}
