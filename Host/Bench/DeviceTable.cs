using System.Globalization;

namespace Pipeline.Host.Bench;

/// <summary>The figures of 'bench device' in lines.</summary>
internal static class DeviceTable
{
    /// <summary>The line above.</summary>
    public static string Head(string model) =>
        $"{model,-38}{"batch",5}{"img/s",10}{"no copies",10}{"run ms",9}{"in ms",8}{"out ms",8}{"idle",7}"
        + $"{"p50 ms",9}{"p99 ms",9}{"difference",12}\n";

    /// <summary>A setup's line.</summary>
    public static string Row(SetupFigures figures)
    {
        string setup = $"{figures.Setup,-38}{figures.Batch,5}";
        return figures is { Rate: { } rate, Latency: { } latency, Parity: { } parity }
            ? $"{setup}{Columns(rate)}{Columns(latency, parity)}  {figures.Provider}{(parity.IsWithinBounds ? "" : ", beyond its bounds")}\n"
            : $"{setup}  {figures.Problem}\n";
    }

    private static string Columns(RateFigures rate) => string.Create(
        CultureInfo.InvariantCulture,
        $"{rate.Fps,10:F1}{rate.FpsWithoutCopies,10:F1}{rate.RunMs,9:F3}{rate.CopyInMs,8:F3}{rate.CopyOutMs,8:F3}{rate.DeviceIdle,7:P0}");

    private static string Columns(LatencyFigures latency, ParityFigures parity) => string.Create(
        CultureInfo.InvariantCulture,
        $"{latency.P50Ms,9:F3}{latency.P99Ms,9:F3}{Math.Max(parity.BoxShare, parity.ScoreShare),12:P4}");
}
