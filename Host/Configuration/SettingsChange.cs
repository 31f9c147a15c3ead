using Pipeline.Host.Running;

namespace Pipeline.Host.Configuration;

/// <summary>
/// The way from the settings of a run to others: what can be changed while it runs, how, and what only a restart can change.
/// Immutable; nothing is opened or changed by it.
/// </summary>
internal sealed record SettingsChange
{
    /// <summary>Sources that go, by their names in the running settings.</summary>
    public required IReadOnlyList<string> Removed { get; init; }

    /// <summary>Sources that come.</summary>
    public required IReadOnlyList<string> Added { get; init; }

    /// <summary>Sources that must be closed and opened anew, since their own settings or their outputs change.</summary>
    public required IReadOnlyList<string> Reopened { get; init; }

    /// <summary>Whether where or how sources are written changes: then all of them are opened anew.</summary>
    public required bool Outputs { get; init; }

    /// <summary>Keys of thresholds, classes and what is drawn, which change from the next frame on.</summary>
    public required IReadOnlyList<string> AtOnce { get; init; }

    /// <summary>Keys that differ, and stay as they are until the program is started again.</summary>
    public required IReadOnlyList<string> NeedRestart { get; init; }

    /// <summary>The settings of the run after the change: those wanted, but for <see cref="NeedRestart"/>.</summary>
    public required PipelineSettings Result { get; init; }

    /// <summary>Whether anything changes while the run goes on.</summary>
    public bool ChangesRun => Removed.Count + Added.Count + Reopened.Count + AtOnce.Count > 0;

    /// <summary>What changes at once, in words.</summary>
    public string Summary => !ChangesRun
        ? "nothing"
        : string.Join(", ", Part("added", Added).Concat(Part("removed", Removed)).Concat(Part("opened anew", Reopened)).Concat(Part("set", AtOnce)));

    /// <summary>Compares two settings whose sources are named.</summary>
    /// <param name="running">What the run does.</param>
    /// <param name="wanted">What it is to do.</param>
    public static SettingsChange Between(PipelineSettings running, PipelineSettings wanted)
    {
        Dictionary<string, SourceSettings> before = ByName(running), after = ByName(wanted);
        bool sharedLines = IsShared(running.Output.JsonLines) || IsShared(wanted.Output.JsonLines);
        PipelineSettings result = running with
        {
            Detection = wanted.Detection,
            Drawing = wanted.Drawing,
            Sources = wanted.Sources,
            Output = wanted.Output with
            {
                Report = running.Output.Report,
                JsonLines = sharedLines ? running.Output.JsonLines : wanted.Output.JsonLines,
            },
            Recording = wanted.Recording,
        };
        bool outputs = Differences(running.Output, result.Output).Any() || Differences(running.Recording, result.Recording).Any();
        string[] stay = [.. before.Keys.Where(after.ContainsKey)];
        return new SettingsChange
        {
            Removed = [.. before.Keys.Except(after.Keys, StringComparer.OrdinalIgnoreCase)],
            Added = [.. after.Keys.Except(before.Keys, StringComparer.OrdinalIgnoreCase)],
            Outputs = outputs,
            Reopened = [.. stay.Where(name => outputs || MustReopen(before[name], after[name]))],
            AtOnce =
            [
                .. Differences(AtOnceOf(running.Detection, running.Drawing), AtOnceOf(result.Detection, result.Drawing)),
                .. stay.SelectMany(name => Differences(AtOnceOf(before[name]), AtOnceOf(after[name])).Select(key => $"{name}:{key}")),
            ],
            NeedRestart = [.. Differences(result, wanted)],
            Result = result,
        };
    }

    private static Dictionary<string, SourceSettings> ByName(PipelineSettings settings) =>
        settings.Sources.ToDictionary(source => source.Name!, StringComparer.OrdinalIgnoreCase);

    private static bool IsShared(string? jsonLines) => jsonLines is not null && !OutputPaths.IsPerSource(jsonLines);

    private static IEnumerable<string> Differences(object before, object after) =>
        SettingsKeys.Differences(SettingsKeys.Of(before), SettingsKeys.Of(after));

    private static bool MustReopen(SourceSettings before, SourceSettings after) => Differences(Rest(before), Rest(after)).Any();

    /// <summary>A source without what changes at once. No settings of its own are the same as settings that say nothing.</summary>
    private static SourceSettings Rest(SourceSettings source) =>
        source with { Detection = null, Drawing = null, Recording = source.Recording ?? new SourceRecordingSettings() };

    private static SourceSettings AtOnceOf(SourceSettings source) => new() { Detection = source.Detection, Drawing = source.Drawing };

    private static PipelineSettings AtOnceOf(DetectionSettings detection, DrawingSettings drawing) =>
        new() { Detection = detection, Drawing = drawing };

    private static IEnumerable<string> Part(string verb, IReadOnlyList<string> names) =>
        names.Count == 0 ? [] : [$"{verb} {string.Join(", ", names)}"];
}
