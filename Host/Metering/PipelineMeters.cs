using System.Diagnostics.Metrics;
using Pipeline.Capture;
using Pipeline.Inference;
using Pipeline.PostProcess;

namespace Pipeline.Host.Metering;

/// <summary>
/// Every number that a run gives: by stage, by source, and from end to end. The table, the live line, the report and
/// the instruments of the meter "Pipeline" all read them here.
/// </summary>
/// <remarks>Any number of threads may record and read; recording takes no lock and allocates nothing.</remarks>
public sealed class PipelineMeters : IDisposable
{
    /// <summary>The name of the System.Diagnostics.Metrics meter.</summary>
    public const string MeterName = "Pipeline";

    private static readonly KeyValuePair<string, object?>[] StageTags =
        [.. SourceMeter.Stages.Select(stage => new KeyValuePair<string, object?>("stage", NameOf(stage)))];

    private static readonly TimeSpan[] Bounds =
        [.. new[] { .1, .25, .5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000 }.Select(TimeSpan.FromMilliseconds)];

    /// <summary>Meters of sources that were removed, at most: who names each source anew must not fill the memory.</summary>
    private const int MostRetired = 100;

    private readonly TimeProvider _time;
    private readonly StageMeter[] _stages;
    private readonly DeviceMeters _device;
    private readonly Lock _changing = new();
    private volatile SourceMeter[] _sources;
    private volatile Dictionary<string, SourceMeter> _byName;
    private long _dropped;
    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _stageSeconds;
    private readonly long _start;

    /// <summary>Makes meters at zero; the run's wall clock starts here.</summary>
    /// <param name="sources">The sources' names.</param>
    /// <param name="labels">The model's classes.</param>
    /// <param name="time">The clock.</param>
    public PipelineMeters(IEnumerable<string> sources, LabelMap labels, TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
        _stages = [.. SourceMeter.Stages.Select(stage => new StageMeter(NameOf(stage), time))];
        _device = new DeviceMeters(time);
        Labels = labels;
        _sources = [.. sources.Select(Create)];
        _byName = ByName(_sources);
        Results = new RateWindow(time);
        _stageSeconds = _meter.CreateHistogram<double>("pipeline_stage_seconds", "s", "Time a frame spends in a stage.");
        CreateObservables();
    }

    /// <summary>The stages in a frame's order; behind the session's run those on a device, where there is one.</summary>
    public IReadOnlyList<StageMeter> Stages => _device.Stages is { Count: > 0 } device
        ? [.. _stages[..(int)Stage.PostProcess], .. device, .. _stages[(int)Stage.PostProcess..]]
        : _stages;

    /// <summary>The sources in the order in which they came, those that were removed among them.</summary>
    public IReadOnlyList<SourceMeter> Sources => _sources;

    /// <summary>The model's classes.</summary>
    public LabelMap Labels { get; }

    /// <summary>From capture to detections, for every frame of every source.</summary>
    public LatencyHistogram EndToEnd { get; } = new();

    /// <summary>The rate of all results.</summary>
    public RateWindow Results { get; }

    /// <summary>Time since the start of the run.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>Frames lost by all sources, for whatever reason but a sink's (those frames had their result).</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Frames of each source that wait for a stage, for the instrument.</summary>
    internal Func<IEnumerable<(string Source, Stage Stage, int Depth)>> QueueDepths { get; set; } = static () => [];

    /// <summary>Frames out of their pools, for the instrument.</summary>
    internal Func<int> FramesLeased { get; set; } = static () => 0;

    /// <summary>Sinks of removed sources that were given up and have not closed since, for the instrument.</summary>
    internal Func<int> SinksLeftBehind { get; set; } = static () => 0;

    /// <summary>Upper bounds of the exported histogram's buckets: from a fast stage's to a stalled encoder's, in steps of about 2.</summary>
    internal static ReadOnlySpan<TimeSpan> StageSecondsBounds => Bounds;

    /// <summary>The histogram of the time that frames spend in stages, by stage; each <see cref="StageMeter"/> keeps the counts.</summary>
    internal Instrument StageSeconds => _stageSeconds;

    /// <summary>Whether an instrument is one of these meters': every run has its own.</summary>
    internal bool Owns(Instrument instrument) => instrument.Meter == _meter;

    /// <summary>A state's name in reports and metrics.</summary>
    public static string NameOf(SourceState state) => state switch
    {
        SourceState.Opening => "opening",
        SourceState.Live => "live",
        SourceState.Stalled => "stalled",
        SourceState.BackingOff => "backing-off",
        SourceState.Paused => "paused",
        SourceState.Ended => "ended",
        SourceState.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>A stage's name in tables, reports and metrics.</summary>
    public static string NameOf(Stage stage) => stage switch
    {
        Stage.Capture => "capture",
        Stage.Preprocess => "preprocess",
        Stage.Inference => "inference",
        Stage.PostProcess => "postprocess",
        Stage.Render => "render",
        Stage.Record => "record",
        _ => throw new ArgumentOutOfRangeException(nameof(stage)),
    };

    /// <summary>A reason's name in reports and metrics.</summary>
    public static string NameOf(DropReason reason) => reason switch
    {
        DropReason.Newer => "newer",
        DropReason.Pool => "pool",
        DropReason.Unreadable => "unreadable",
        DropReason.Inference => "inference",
        DropReason.Render => "render",
        DropReason.Sink => "sink",
        DropReason.Stopped => "stopped",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };

    /// <summary>The meter of a source that is there, or was.</summary>
    public SourceMeter this[string source] => _byName[source];

    /// <summary>The same; null where the source was removed so long ago that its meter is forgotten.</summary>
    public SourceMeter? Find(string source) => _byName.GetValueOrDefault(source);

    /// <summary>
    /// The meter of a source that comes. One of a name that was there before counts on where that one ended: a counter
    /// never goes backwards.
    /// </summary>
    public SourceMeter Open(string source)
    {
        lock (_changing)
        {
            if (_byName.TryGetValue(source, out SourceMeter? known))
            {
                known.IsRetired = false;
                known.Enter(SourceState.Opening);
                return known;
            }

            SourceMeter meter = Create(source);
            Replace([.. _sources, meter]);
            return meter;
        }
    }

    /// <summary>A source was removed: its counters stay as they are, for as long as there is room.</summary>
    public void Retire(SourceMeter source)
    {
        lock (_changing)
        {
            source.IsRetired = true;
            if (_sources.Count(meter => meter.IsRetired) > MostRetired)
            {
                SourceMeter oldest = _sources.First(meter => meter.IsRetired);
                Replace([.. _sources.Where(meter => meter != oldest)]);
            }
        }
    }

    /// <summary>The meter of a stage.</summary>
    public StageMeter this[Stage stage] => _stages[(int)stage];

    /// <summary>A frame went through a stage.</summary>
    public void Record(Stage stage, SourceMeter source, TimeSpan latency, TimeSpan busy)
    {
        _stages[(int)stage].Record(latency, busy);
        source.Through(stage);
        _stageSeconds.Record(latency.TotalSeconds, StageTags[(int)stage]);
    }

    /// <summary>A batch was run: each frame was in the run all the time, and had its share of the work.</summary>
    public void RecordRun(int frames, TimeSpan elapsed)
    {
        for (int i = 0; i < frames; i++)
        {
            this[Stage.Inference].Record(elapsed, elapsed / frames);
            _stageSeconds.Record(elapsed.TotalSeconds, StageTags[(int)Stage.Inference]);
        }
    }

    /// <summary>A batch was run on a device, which measured its copies and the run itself.</summary>
    public void RecordDeviceRun(int frames, in DeviceTimes times) => _device.Record(frames, times, _stageSeconds);

    /// <summary>A frame has its detections.</summary>
    public void RecordResult(SourceMeter source, TimeSpan latency, ReadOnlySpan<Detection> detections, int nonFinite)
    {
        EndToEnd.Add(latency);
        Results.Add();
        source.Latency.Add(latency);
        source.Results.Add();
        foreach (ref readonly Detection detection in detections)
        {
            source.Detect(detection.ClassId);
        }

        if (nonFinite > 0)
        {
            source.AddNonFinite(nonFinite);
        }
    }

    /// <summary>A frame was lost.</summary>
    /// <param name="stage">The measured stage that lost it; null where it is none of them.</param>
    /// <param name="source">Whose frame it was.</param>
    /// <param name="reason">Why.</param>
    public void Drop(Stage? stage, SourceMeter source, DropReason reason)
    {
        if (stage is { } measured)
        {
            _stages[(int)measured].Drop();
        }

        source.Drop(reason);
        if (reason != DropReason.Sink)
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static Dictionary<string, SourceMeter> ByName(IEnumerable<SourceMeter> sources) =>
        sources.ToDictionary(source => source.Name, StringComparer.OrdinalIgnoreCase);

    private SourceMeter Create(string source) => new(source, _time, Labels.Ids[^1]);

    private void Replace(SourceMeter[] sources)
    {
        _byName = ByName(sources);
        _sources = sources;
    }

    private static Measurement<T> Measure<T>(T value, params ReadOnlySpan<(string Key, string Value)> tags)
        where T : struct
    {
        var pairs = new KeyValuePair<string, object?>[tags.Length];
        for (int i = 0; i < tags.Length; i++)
        {
            pairs[i] = new KeyValuePair<string, object?>(tags[i].Key, tags[i].Value);
        }

        return new Measurement<T>(value, pairs);
    }

    private void CreateObservables()
    {
        _meter.CreateObservableCounter("pipeline_frames_total", FramesByStage, description: "Frames through a stage.");
        _meter.CreateObservableCounter("pipeline_frames_dropped_total", DropsByReason, description: "Frames lost, by reason.");
        _meter.CreateObservableCounter("pipeline_detections_total", DetectionsByLabel, description: "Objects found.");
        _meter.CreateObservableGauge(
            "pipeline_stage_fps",
            () => _stages.Select(stage => Measure(stage.FramesPerSecond, ("stage", stage.Name))),
            description: "Frames a second over the last seconds.");
        _meter.CreateObservableGauge(
            "pipeline_queue_depth",
            () => QueueDepths().Select(queue => Measure(queue.Depth, ("source", queue.Source), ("stage", NameOf(queue.Stage)))),
            description: "Frames that wait for a stage.");
        _meter.CreateObservableGauge(
            "pipeline_source_up",
            () => Present().Select(source => Measure(source.State == SourceState.Live ? 1 : 0, ("source", source.Name))),
            description: "1 where a source delivers.");
        _meter.CreateObservableGauge("pipeline_source_state", StatesNow, description: "1 for the state that a source is in.");
        _meter.CreateObservableCounter(
            "pipeline_source_reconnects_total",
            () => Sources.Select(source => Measure(source.Reconnects, ("source", source.Name))),
            description: "Times that a source came back after it was lost.");
        _meter.CreateObservableCounter("pipeline_source_state_changes_total", StateChanges, description: "Times that a source came into a state.");
        _meter.CreateObservableGauge(
            "pipeline_source_hung_calls",
            () => Sources.Select(source => Measure(source.HungCalls, ("source", source.Name))),
            description: "Native calls that did not return and are left behind.");
        _meter.CreateObservableGauge("pipeline_frames_leased", () => FramesLeased(), description: "Frames out of their pools.");
        _meter.CreateObservableGauge(
            "pipeline_sinks_left_behind", () => SinksLeftBehind(), description: "Sinks of removed sources that hang and are left behind.");
    }

    private IEnumerable<SourceMeter> Present() => Sources.Where(source => !source.IsRetired);

    private IEnumerable<Measurement<int>> StatesNow() =>
        from source in Present()
        from state in SourceMeter.States
        select Measure(source.State == state ? 1 : 0, ("source", source.Name), ("state", NameOf(state)));

    private IEnumerable<Measurement<long>> FramesByStage() =>
        from source in Sources
        from stage in SourceMeter.Stages
        select Measure(source.FramesThrough(stage), ("source", source.Name), ("stage", NameOf(stage)));

    private IEnumerable<Measurement<long>> DropsByReason() =>
        from source in Sources
        from reason in SourceMeter.DropReasons
        let drops = source.DroppedFor(reason)
        where drops > 0
        select Measure(drops, ("source", source.Name), ("reason", NameOf(reason)));

    private IEnumerable<Measurement<long>> StateChanges() =>
        from source in Sources
        from state in SourceMeter.States
        let times = source.TimesEntered(state)
        where times > 0
        select Measure(times, ("source", source.Name), ("state", NameOf(state)));

    private IEnumerable<Measurement<long>> DetectionsByLabel() =>
        from source in Sources
        from classId in Labels.Ids
        let detections = source.DetectionsOf(classId)
        where detections > 0
        select Measure(detections, ("source", source.Name), ("label", Labels[classId]));
}
