using Pipeline.Capture;

namespace Pipeline.Host.Health;

/// <summary>How a run is at one moment: whether it may be called ready, whether anything stands still, and who is in trouble.</summary>
/// <remarks>
/// For the watchdog, /readyz and /healthz. A stage with nothing to do is well, and so is one that is slow: what counts is that
/// each thing that waits or is worked on moves on in time. A dead camera is no fault of the run.
/// </remarks>
internal sealed record RunHealth
{
    /// <summary>
    /// The longest standstill of a run that is well. A run of the model that hangs is given up after 30 s, and the session
    /// opened anew meanwhile: neither is a reason to end the process.
    /// </summary>
    public static readonly TimeSpan StandstillLimit = TimeSpan.FromSeconds(60);

    /// <summary>The stages, each queue and thread of them by itself.</summary>
    public required IReadOnlyList<StageHealth> Stages { get; init; }

    /// <summary>The sources.</summary>
    public required IReadOnlyList<SourceHealth> Sources { get; init; }

    /// <summary>The sinks.</summary>
    public required IReadOnlyList<SinkHealth> Sinks { get; init; }

    /// <summary>Whether a frame has gone through the model yet.</summary>
    public required bool FramesFlow { get; init; }

    /// <summary>Whether frames flow, or every source has been tried once: what systemd's READY and /readyz say.</summary>
    public bool IsReady => FramesFlow || Sources.All(source => source.WasTried);

    /// <summary>Whether nothing stands still for longer than <see cref="StandstillLimit"/>: what systemd's WATCHDOG says.</summary>
    public bool IsProgressing => Slowest is not { } slowest || slowest.Standstill <= StandstillLimit;

    /// <summary>The stage that stands still for longest; null where there is none.</summary>
    public StageHealth? Slowest => Stages.MaxBy(stage => stage.Standstill);

    /// <summary>Whether it is ready, in progress, and no sink has failed or loses frames.</summary>
    public bool IsWell => IsReady && IsProgressing && Sinks.All(sink => sink.State == SinkState.Well);

    /// <summary>What is to be said of it, a sentence each: of what makes it unwell, and of sources that are away, which don't.</summary>
    public IEnumerable<string> Reasons =>
    [
        .. IsReady ? Array.Empty<string>() : ["No frame has come through yet, and not every source has been tried."],
        .. Stages.Where(stage => stage.Standstill > StandstillLimit).Select(Describe),
        .. Sources.Where(source => source.Trouble is not null).Select(source => $"Source {source.Name}: {source.Trouble}"),
        .. Sinks.Where(sink => sink.State != SinkState.Well).Select(Describe),
    ];

    private static string Describe(StageHealth stage) =>
        $"Stage {stage.Stage}{(stage.Source is { } source ? $" of {source}" : "")} has not moved for {stage.Standstill.TotalSeconds:F0} s.";

    private static string Describe(SinkHealth sink) => sink.State == SinkState.Failed
        ? $"Sink {sink.Name} failed: {sink.Failure}"
        : $"Sink {sink.Name} is too slow: it loses {sink.LostPerSecond:F1} frames a second.";
}

/// <summary>One queue with the thread or loop that takes from it.</summary>
/// <param name="Stage">preprocess, inference, postprocess, render, or the name of a sink.</param>
/// <param name="Source">Whose frames it takes; null where it takes those of all sources.</param>
/// <param name="Waiting">Frames in its queue.</param>
/// <param name="Standstill">
/// How long nothing has moved here although something waits or is worked on; zero where there is nothing to do.
/// </param>
internal sealed record StageHealth(string Stage, string? Source, int Waiting, TimeSpan Standstill);

/// <summary>One source.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">Where in its life it is.</param>
/// <param name="WasTried">Whether an attempt to open it has had an outcome, good or bad.</param>
/// <param name="Trouble">Why it delivers nothing, without credentials; null where it does, or nothing is known yet.</param>
internal sealed record SourceHealth(string Name, SourceState State, bool WasTried, string? Trouble);

/// <summary>How a sink is.</summary>
internal enum SinkState
{
    /// <summary>It takes what comes.</summary>
    Well,

    /// <summary>It has lost frames in the last seconds: it is too slow.</summary>
    Degraded,

    /// <summary>It can't be written, or does not come back; it is tried again until it works.</summary>
    Failed,
}

/// <summary>One sink.</summary>
/// <param name="Name">What it is: "recording out/demo.mp4".</param>
/// <param name="State">How it is.</param>
/// <param name="LostPerSecond">Frames lost a second, over the last seconds.</param>
/// <param name="Failure">Why it can't be written, without credentials; null where it can.</param>
internal sealed record SinkHealth(string Name, SinkState State, double LostPerSecond, string? Failure);
