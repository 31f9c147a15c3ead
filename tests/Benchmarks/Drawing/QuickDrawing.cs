using System.Diagnostics;
using System.Globalization;
using OpenCvSharp;
using Pipeline.PostProcess;
using Pipeline.Render;

namespace Pipeline.Benchmarks;

/// <summary>Drawing on pictures of several sizes, on one thread: medians and minima of many short rounds.</summary>
internal static class QuickDrawing
{
    private const int Rounds = 40;
    private const int PerRound = 50;
    private const string Caption = "gate  2026-11-21 10:00:07Z  9.9 fps";

    public static void Run()
    {
        Console.WriteLine($"{"case",-44}{"median µs",12}{"best µs",12}");
        foreach ((int width, int height) in new[] { (320, 240), (768, 576), (1920, 1080), (3840, 2160) })
        {
            foreach (int boxes in new[] { 5, 20, 100 })
            {
                Measure(width, height, boxes, "");
            }

            Measure(width, height, 20, Caption);
        }
    }

    private static void Measure(int width, int height, int boxes, string caption)
    {
        var annotator = new Annotator(LabelMap.FromList(1, ["person", "bicycle", "car", "motorcycle", "airplane"]));
        Detection[] detections = Made(boxes);
        using var image = new Mat(height, width, MatType.CV_8UC3, Scalar.All(100));
        var times = new List<double>();
        for (int round = -Rounds; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < PerRound; i++)
            {
                annotator.Draw(image, detections, caption);
            }

            // The rounds before the first let the runtime compile the hot methods at its highest tier.
            if (round >= 0)
            {
                times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / PerRound);
            }
        }

        string name = $"{width}×{height}, {boxes} boxes{(caption.Length > 0 ? " and a caption" : "")}";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-44}{times.Order().ElementAt(Rounds / 2),12:F0}{times.Min(),12:F0}"));
    }

    /// <summary>Boxes of a tenth to a third of the sides, anywhere.</summary>
    private static Detection[] Made(int count)
    {
        var random = new Random(20261121);
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                float x = random.NextSingle() * 0.7f, y = random.NextSingle() * 0.7f;
                float width = 0.1f + (random.NextSingle() * 0.23f), height = 0.1f + (random.NextSingle() * 0.23f);
                return new Detection(1 + (i % 5), 0.9f - (i * 0.005f), new Box(x, y, x + width, y + height), -1);
            }),
        ];
    }
}
