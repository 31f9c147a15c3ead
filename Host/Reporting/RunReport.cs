using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Capture;
using Pipeline.Host.Metering;

namespace Pipeline.Host.Reporting;

/// <summary>What a run did, in numbers: the --report file, and what the table at the end shows.</summary>
internal sealed record RunReport
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The execution provider that ran it.</summary>
    public required string Provider { get; init; }

    /// <summary>From the start of the sources to the last result.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>When the sources were started, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>From the beginning of the program until then.</summary>
    public required double ReadySeconds { get; init; }

    /// <summary>From capture to detections.</summary>
    public required LatencyFigures EndToEnd { get; init; }

    /// <summary>Each stage by its name.</summary>
    public required IReadOnlyDictionary<string, StageFigures> Stages { get; init; }

    /// <summary>Each source by its name.</summary>
    public required IReadOnlyDictionary<string, SourceFigures> Sources { get; init; }

    /// <summary>What the process took.</summary>
    public required ProcessFigures Process { get; init; }

    /// <summary>The report as JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ReportJson.Default.RunReport);

    /// <summary>Refuses a run in which not one source could be read.</summary>
    /// <exception cref="SourceException">It was such a run; the message is the first source's.</exception>
    public void RequireSource()
    {
        if (Sources.Count > 0 && Sources.Values.All(source => source.Failure is not null))
        {
            string first = Sources.Values.First().Failure!;
            throw new SourceException(Sources.Count == 1 ? first : $"None of the {Sources.Count} sources could be read. The first: {first}");
        }
    }
}

/// <summary>Frames, their rate, and quantiles of a time.</summary>
internal record LatencyFigures(long Frames, double Fps, double P50Ms, double P95Ms, double P99Ms)
{
    /// <summary>Reads a histogram.</summary>
    public static LatencyFigures From(LatencyHistogram histogram, double wallSeconds) => new(
        histogram.Count,
        Rate(histogram.Count, wallSeconds),
        Milliseconds(histogram.Quantile(.5)),
        Milliseconds(histogram.Quantile(.95)),
        Milliseconds(histogram.Quantile(.99)));

    private protected static double Rate(long frames, double seconds) => seconds > 0 ? Math.Round(frames / seconds, 2) : 0;

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}

/// <summary>What a stage did.</summary>
/// <param name="Frames">Frames that went through.</param>
/// <param name="Fps">Frames a second of wall time.</param>
/// <param name="P50Ms">Median of a frame's time in it.</param>
/// <param name="P95Ms">95 of 100 frames took at most this.</param>
/// <param name="P99Ms">99 of 100 frames took at most this.</param>
/// <param name="Busy">Working time over wall time; above 1 where several threads work.</param>
/// <param name="Dropped">Frames lost here.</param>
internal sealed record StageFigures(
    long Frames, double Fps, double P50Ms, double P95Ms, double P99Ms, double Busy, long Dropped)
    : LatencyFigures(Frames, Fps, P50Ms, P95Ms, P99Ms)
{
    /// <summary>Reads a meter.</summary>
    public static StageFigures From(StageMeter stage, double wallSeconds)
    {
        LatencyFigures latency = From(stage.Latency, wallSeconds);
        double busy = wallSeconds > 0 ? Math.Round(stage.Busy.TotalSeconds / wallSeconds, 4) : 0;
        return new StageFigures(
            stage.Frames, Rate(stage.Frames, wallSeconds), latency.P50Ms, latency.P95Ms, latency.P99Ms, busy, stage.Dropped);
    }
}

/// <summary>What became of a source.</summary>
/// <param name="Address">Its address, without a password.</param>
/// <param name="State">opening, live, ended or failed.</param>
/// <param name="Failure">Why it failed; null where it didn't.</param>
/// <param name="Warning">Why it ended early; null where it didn't.</param>
/// <param name="Captured">Frames grabbed.</param>
/// <param name="Frames">Frames with a result.</param>
/// <param name="Fps">Results a second.</param>
/// <param name="P50Ms">Median from capture to result.</param>
/// <param name="P95Ms">95 of 100 results took at most this.</param>
/// <param name="P99Ms">99 of 100 results took at most this.</param>
/// <param name="Dropped">Frames lost, by reason.</param>
/// <param name="Detections">Objects found, by label.</param>
/// <param name="NonFinite">Numbers in the model's output that are none.</param>
internal sealed record SourceFigures(
    string Address,
    string State,
    string? Failure,
    string? Warning,
    long Captured,
    long Frames,
    double Fps,
    double P50Ms,
    double P95Ms,
    double P99Ms,
    IReadOnlyDictionary<string, long> Dropped,
    IReadOnlyDictionary<string, long> Detections,
    long NonFinite);

/// <summary>What the process took.</summary>
/// <param name="CpuSeconds">Processor time of all threads, of this process alone.</param>
/// <param name="PeakRssBytes">The most memory it had.</param>
/// <param name="Gen0">Garbage collections of generation 0.</param>
/// <param name="Gen1">Of generation 1.</param>
/// <param name="Gen2">Of generation 2.</param>
/// <param name="AllocatedBytesPerFrame">Managed memory allocated a frame, in the steady state after the first frames.</param>
internal sealed record ProcessFigures(
    double CpuSeconds, long PeakRssBytes, int Gen0, int Gen1, int Gen2, double AllocatedBytesPerFrame);

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RunReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
