using System.Diagnostics;
using System.Globalization;
using Pipeline.Host.Metering;
using Pipeline.PostProcess;

namespace Pipeline.Benchmarks;

/// <summary>
/// What it costs to count one frame through every stage, with its detections, while nobody listens and while an exporter
/// does; and what a scrape costs. Best of many rounds on one thread.
/// </summary>
internal static class QuickMeters
{
    private const int Rounds = 30;
    private const int FramesPerRound = 20_000;
    private const int ScrapesPerRound = 20;
    private const int DetectionsPerFrame = 10;
    private const int SourceCount = 8;

    private static readonly Stage[] Stages = Enum.GetValues<Stage>();

    public static void Run()
    {
        using var meters = new PipelineMeters(
            Enumerable.Range(1, SourceCount).Select(number => $"camera-{number}"), LabelMap.FromList(1, ["person", "car"]), TimeProvider.System);
        var detections = new Detection[DetectionsPerFrame];
        Array.Fill(detections, new Detection(1, 0.9f, default, 0));
        Measure("a frame, nobody listens", FramesPerRound, () => Count(meters, detections));
        using (MetricsExport.Start(new() { OtlpEndpoint = "http://127.0.0.1:1/v1/metrics", OtlpProtocol = "http" }))
        {
            Measure("a frame, with an exporter", FramesPerRound, () => Count(meters, detections));
        }

        Measure($"a scrape, {SourceCount} sources", ScrapesPerRound, () => PrometheusText.Write(meters));
    }

    private static void Count(PipelineMeters meters, Detection[] detections)
    {
        SourceMeter source = meters.Sources[0];
        var elapsed = TimeSpan.FromMilliseconds(1.5);
        foreach (Stage stage in Stages)
        {
            meters.Record(stage, source, elapsed, elapsed);
        }

        meters.RecordResult(source, elapsed, detections, nonFinite: 0);
    }

    private static void Measure(string name, int times, Action action)
    {
        double best = double.PositiveInfinity;
        long allocated = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < times; i++)
            {
                action();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / times);
            allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / times;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-28}{best,10:F2} µs{allocated,10} bytes"));
    }
}
