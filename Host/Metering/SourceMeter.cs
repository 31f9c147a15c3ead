using Pipeline.Capture;

namespace Pipeline.Host.Metering;

/// <summary>What became of the frames of one source.</summary>
/// <remarks>Any number of threads may record and read; recording takes no lock and allocates nothing.</remarks>
public sealed class SourceMeter
{
    /// <summary>Every stage, in a frame's order.</summary>
    public static readonly IReadOnlyList<Stage> Stages = Enum.GetValues<Stage>();

    /// <summary>Every reason for a drop.</summary>
    public static readonly IReadOnlyList<DropReason> DropReasons = Enum.GetValues<DropReason>();

    /// <summary>Every state of a source.</summary>
    public static readonly IReadOnlyList<SourceState> States = Enum.GetValues<SourceState>();

    private readonly long[] _statesEntered = new long[States.Count];
    private readonly long[] _frames = new long[Stages.Count];
    private readonly long[] _drops = new long[DropReasons.Count];
    private readonly long[] _detections;
    private long _nonFinite;
    private long _captured;
    private long _reconnects;
    private int _hungCalls;
    private volatile SourceState _state;
    private volatile bool _isRetired;

    /// <summary>Makes a meter at zero.</summary>
    /// <param name="name">The source's name.</param>
    /// <param name="time">The clock of the rate.</param>
    /// <param name="highestClassId">The highest class id that its detections can have.</param>
    public SourceMeter(string name, TimeProvider time, int highestClassId)
    {
        Name = name;
        Results = new RateWindow(time);
        _detections = new long[highestClassId + 1];
    }

    /// <summary>The source's name.</summary>
    public string Name { get; }

    /// <summary>From capture to detections, for each frame.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>The rate of its results.</summary>
    public RateWindow Results { get; }

    /// <summary>Frames with NaN or infinity in the model's output count once for each such number.</summary>
    public long NonFinite => Volatile.Read(ref _nonFinite);

    /// <summary>Frames lost, for whatever reason but a sink's (those frames had their result).</summary>
    public long Dropped => DropReasons.Where(reason => reason != DropReason.Sink).Sum(DroppedFor);

    /// <summary>Frames that went through a stage.</summary>
    public long FramesThrough(Stage stage) => Volatile.Read(ref _frames[(int)stage]);

    /// <summary>Frames lost for a reason.</summary>
    public long DroppedFor(DropReason reason) => Volatile.Read(ref _drops[(int)reason]);

    /// <summary>How often the source came into a state.</summary>
    public long TimesEntered(SourceState state) => Volatile.Read(ref _statesEntered[(int)state]);

    /// <summary>The state that the source last came into; opening at first.</summary>
    public SourceState State => _state;

    /// <summary>Frames grabbed by readers of the source that have ended.</summary>
    public long Captured => Volatile.Read(ref _captured);

    /// <summary>How often it came back after it had been lost.</summary>
    public long Reconnects => Volatile.Read(ref _reconnects);

    /// <summary>Native calls that did not return and are left behind.</summary>
    public int HungCalls => Volatile.Read(ref _hungCalls);

    /// <summary>Whether its source was removed: its counters stay, and it has no state any more.</summary>
    public bool IsRetired
    {
        get => _isRetired;
        internal set => _isRetired = value;
    }

    /// <summary>Whether an attempt to open it has had an outcome, good or bad.</summary>
    public bool WasTried => States.Any(state => state != SourceState.Opening && TimesEntered(state) > 0);

    /// <summary>Detections of a class.</summary>
    public long DetectionsOf(int classId) => Volatile.Read(ref _detections[classId]);

    /// <summary>A frame went through a stage.</summary>
    internal void Through(Stage stage) => Interlocked.Increment(ref _frames[(int)stage]);

    /// <summary>The source came into a state.</summary>
    internal void Enter(SourceState state)
    {
        _state = state;
        Interlocked.Increment(ref _statesEntered[(int)state]);
    }

    /// <summary>A reader of the source has ended.</summary>
    internal void AddCaptured(long frames) => Interlocked.Add(ref _captured, frames);

    /// <summary>The source came back after it had been lost.</summary>
    internal void Reconnect() => Interlocked.Increment(ref _reconnects);

    /// <summary>A native call was left behind.</summary>
    internal void LeaveCall() => Interlocked.Increment(ref _hungCalls);

    /// <summary>A frame was lost.</summary>
    internal void Drop(DropReason reason) => Interlocked.Increment(ref _drops[(int)reason]);

    /// <summary>An object was found. A class id beyond the model's labels, which only a faulty model gives, is not counted.</summary>
    internal void Detect(int classId)
    {
        if ((uint)classId < (uint)_detections.Length)
        {
            Interlocked.Increment(ref _detections[classId]);
        }
    }

    /// <summary>The model gave numbers that are none.</summary>
    internal void AddNonFinite(int numbers) => Interlocked.Add(ref _nonFinite, numbers);
}
