using System.Text.Json.Serialization;
using Pipeline.Host.Health;
using Pipeline.Host.Metering;
using Pipeline.Host.Reporting;
using Pipeline.Host.Running;

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

/// <summary>Serialisation without reflection. A key that is not known in a request is an error.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(HealthDocument))]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ApiJson : JsonSerializerContext;
