using System.Globalization;
using Pipeline.Capture;
using Pipeline.Host.Health;

namespace Pipeline.Host.Service;

/// <summary>How a run goes, as far as systemd is concerned.</summary>
/// <param name="IsReady">Whether frames flow, or every source has been tried.</param>
/// <param name="Hang">What makes no progress though there is work for it; null where all is well.</param>
/// <param name="Summary">A line for <c>systemctl status</c>.</param>
internal readonly record struct ServiceState(bool IsReady, string? Hang, string Summary)
{
    /// <summary>What a run's health means to systemd.</summary>
    /// <param name="health">Its health.</param>
    /// <param name="framesPerSecond">The rate of its results.</param>
    public static ServiceState Of(RunHealth health, double framesPerSecond) => new(
        health.IsReady,
        health is { IsProgressing: false, Slowest: { } slowest } ? $"{NameOf(slowest)} for {slowest.Standstill.TotalSeconds:F0} s" : null,
        Summarise(health, framesPerSecond));

    private static string NameOf(StageHealth stage) => stage.Source is null ? stage.Stage : $"{stage.Stage} of {stage.Source}";

    private static string Summarise(RunHealth health, double framesPerSecond)
    {
        int delivering = health.Sources.Count(source => source.State == SourceState.Live);
        string[] failed = [.. health.Sinks.Where(sink => sink.State == SinkState.Failed).Select(sink => sink.Name)];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{framesPerSecond:F1} fps, {delivering} of {health.Sources.Count} sources deliver{(failed.Length > 0 ? $", failed: {string.Join(", ", failed)}" : "")}");
    }
}
