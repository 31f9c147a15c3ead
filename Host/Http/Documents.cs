using System.Text.Json.Serialization;
using Pipeline.Host.Configuration;
using Pipeline.Host.Health;
using Pipeline.Host.Metering;
using Pipeline.Host.Reporting;
using Pipeline.Host.Running;
using Pipeline.Render;

namespace Pipeline.Host.Http;

/// <summary>/healthz and /readyz: the verdict, and all that it rests on.</summary>
/// <param name="Status">ok or failing.</param>
/// <param name="Reasons">What is wrong, a sentence each; empty where nothing is.</param>
/// <param name="Stages">Each stage's queue, and for how long nothing moved there.</param>
/// <param name="Sources">Each source's state.</param>
/// <param name="Sinks">Each sink's state.</param>
internal sealed record HealthDocument(
    string Status,
    IReadOnlyList<string> Reasons,
    IReadOnlyList<StageDocument> Stages,
    IReadOnlyList<SourceHealthDocument> Sources,
    IReadOnlyList<SinkDocument> Sinks)
{
    /// <summary>Writes down a run's health.</summary>
    public static HealthDocument Of(RunHealth health, bool good) => new(
        good ? "ok" : "failing",
        [.. health.Reasons],
        [.. health.Stages.Select(stage => new StageDocument(stage.Stage, stage.Source, stage.Waiting, Math.Round(stage.Standstill.TotalSeconds, 3)))],
        [.. health.Sources.Select(source => new SourceHealthDocument(source.Name, PipelineMeters.NameOf(source.State), source.Trouble))],
        [.. health.Sinks.Select(sink => new SinkDocument(sink.Name, sink.State.ToString().ToLowerInvariant(), Math.Round(sink.LostPerSecond, 2), sink.Failure))]);
}

/// <summary>A stage in <see cref="HealthDocument"/>.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Source">Whose frames it takes; null for all.</param>
/// <param name="Waiting">Frames that wait for it.</param>
/// <param name="StandstillSeconds">How long nothing has moved although something waits.</param>
internal sealed record StageDocument(string Stage, string? Source, int Waiting, double StandstillSeconds);

/// <summary>A source in <see cref="HealthDocument"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">Where in its life it is.</param>
/// <param name="Trouble">Why it delivers nothing; null where it does.</param>
internal sealed record SourceHealthDocument(string Name, string State, string? Trouble);

/// <summary>A sink in <see cref="HealthDocument"/>.</summary>
/// <param name="Name">What it is.</param>
/// <param name="State">well, degraded or failed.</param>
/// <param name="LostPerSecond">Frames that it loses a second.</param>
/// <param name="Failure">Why it failed; null where it didn't.</param>
internal sealed record SinkDocument(string Name, string State, double LostPerSecond, string? Failure);

/// <summary>/api/status: the report of the run up to now, and what is true at this moment.</summary>
/// <param name="Version">The program's version.</param>
/// <param name="Now">Figures over the last seconds.</param>
/// <param name="Run">What --report would write now.</param>
internal sealed record StatusDocument(string Version, NowDocument Now, RunReport Run)
{
    /// <summary>Writes down a run.</summary>
    public static StatusDocument Of(DetectionRun run) => new(
        ProgramVersion.Text,
        new NowDocument(
            Math.Round(run.Meters.Results.PerSecond, 2),
            run.Meters.Stages.ToDictionary(stage => stage.Name, stage => Math.Round(stage.FramesPerSecond, 2), StringComparer.Ordinal),
            run.Meters.Sources.ToDictionary(source => source.Name, source => Math.Round(source.Results.PerSecond, 2), StringComparer.Ordinal),
            run.FramesLeased),
        run.Report());
}

/// <summary>Figures over the last seconds.</summary>
/// <param name="Fps">Results a second.</param>
/// <param name="Stages">Frames a second by stage.</param>
/// <param name="Sources">Results a second by source.</param>
/// <param name="FramesLeased">Frames out of their pools.</param>
internal sealed record NowDocument(
    double Fps, IReadOnlyDictionary<string, double> Stages, IReadOnlyDictionary<string, double> Sources, int FramesLeased);

/// <summary>A source in /api/sources.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">Where in its life it is.</param>
/// <param name="Trouble">Why it delivers nothing; null where it does.</param>
/// <param name="Format">What it declares of its pictures; null where it says nothing.</param>
/// <param name="Width">Width of its last frame in pixels; 0 before the first.</param>
/// <param name="Height">Height of its last frame in pixels; 0 before the first.</param>
/// <param name="Fps">Results a second, over the last seconds.</param>
/// <param name="Captured">Frames grabbed.</param>
/// <param name="Results">Frames with a result.</param>
/// <param name="Dropped">Frames lost on the way to a result.</param>
/// <param name="Reconnects">How often it came back after it had been lost.</param>
/// <param name="HungCalls">Native calls that did not return.</param>
/// <param name="Settings">Its settings; the address is without user name and password.</param>
internal sealed record SourceDocument(
    string Name,
    string State,
    string? Trouble,
    string? Format,
    int Width,
    int Height,
    double Fps,
    long Captured,
    long Results,
    long Dropped,
    long Reconnects,
    int HungCalls,
    SourceSettings Settings)
{
    /// <summary>Writes down a source.</summary>
    public static SourceDocument Of(SourceStatus source) => new(
        source.Name,
        PipelineMeters.NameOf(source.State),
        source.Trouble,
        source.Format,
        source.Width,
        source.Height,
        Math.Round(source.FramesPerSecond, 2),
        source.Captured,
        source.Results,
        source.Dropped,
        source.Reconnects,
        source.HungCalls,
        source.Settings with { Uri = source.Address });
}

/// <summary>A recording in /recordings.</summary>
/// <param name="Url">Where it can be got.</param>
/// <param name="Source">The source's name.</param>
/// <param name="Start">When its first frame was captured, in UTC.</param>
/// <param name="End">When its last frame ends, in UTC.</param>
/// <param name="Frames">Its frames.</param>
/// <param name="Classes">The names of the classes that were seen.</param>
/// <param name="Bytes">Its size.</param>
internal sealed record RecordingDocument(
    string Url, string Source, DateTimeOffset Start, DateTimeOffset End, long Frames, IReadOnlyList<string> Classes, long Bytes)
{
    /// <summary>Writes down a recording.</summary>
    public static RecordingDocument Of(Recording recording) => new(
        "/recordings/" + string.Join('/', recording.Path.Split('/').Select(Uri.EscapeDataString)),
        recording.Source,
        recording.Start,
        recording.End,
        recording.Frames,
        recording.Classes,
        recording.Bytes);
}

/// <summary>Serialisation without reflection. A key that is not known in a request is an error.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    WriteIndented = true)]
[JsonSerializable(typeof(HealthDocument))]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(SourceDocument[]))]
[JsonSerializable(typeof(RecordingDocument[]))]
[JsonSerializable(typeof(SourceSettings))]
[JsonSerializable(typeof(DetectionSettings))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ApiJson : JsonSerializerContext;
