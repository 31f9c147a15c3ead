using Microsoft.Extensions.Logging;
using Pipeline.Capture;
using Pipeline.Host.Health;
using Pipeline.Host.Metering;
using Pipeline.Host.Reporting;
using Pipeline.Inference;
using Pipeline.PostProcess;
using Pipeline.Render;
using DropReason = Pipeline.Host.Metering.DropReason;

namespace Pipeline.Host.Running;

/// <summary>
/// Everything that belongs to one source: its frames, its reader, its place in the batcher's queues, its render stage and
/// its own sinks. Frames enter at <see cref="Receive"/> and come back from the batcher at <see cref="Deliver"/>.
/// </summary>
internal sealed partial class SourceLane : IFrameReceiver, IRenderObserver, IDisposable
{
    /// <summary>The name under which the reader and this lane hold a frame until the batcher has given it back.</summary>
    private const string Holder = "queue";

    private readonly PipelineMeters _meters;
    private readonly FramePool _pool;
    private readonly SourceQueue<FrameTicket> _queue;
    private readonly IReadOnlyList<SinkStage> _ownSinks;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Makes a lane; it runs from <see cref="Start"/> on.</summary>
    /// <param name="address">The source.</param>
    /// <param name="options">How it is read.</param>
    /// <param name="plan">Its capacities.</param>
    /// <param name="queues">The batcher's queues.</param>
    /// <param name="ownSinks">The sinks that are its alone.</param>
    /// <param name="sharedSinks">The sinks that it shares with other sources.</param>
    /// <param name="meter">Its meter.</param>
    /// <param name="meters">All meters.</param>
    /// <param name="logger">The log.</param>
    /// <param name="time">The clock.</param>
    public SourceLane(
        SourceAddress address,
        SourceReaderOptions options,
        LanePlan plan,
        SourceQueues<FrameTicket> queues,
        IReadOnlyList<SinkStage> ownSinks,
        IReadOnlyList<SinkStage> sharedSinks,
        SourceMeter meter,
        PipelineMeters meters,
        ILogger logger,
        TimeProvider time)
    {
        Meter = meter;
        _meters = meters;
        _ownSinks = ownSinks;
        _logger = logger;
        _time = time;
        _pool = new FramePool(plan.PoolSize);
        _queue = options.Latest ? queues.AddLive() : queues.AddFile(plan.InputCapacity);
        var results = new FrameResultQueue($"render {meter.Name}", plan.RenderCapacity, plan.MaxDetections);
        Render = new RenderStage(results, [.. ownSinks, .. sharedSinks], meters.Labels, this, time);
        Reader = new SourceReader(address, meter.Name, options, _pool, this, time);
    }

    /// <summary>The source's meter.</summary>
    public SourceMeter Meter { get; }

    /// <summary>Its reader.</summary>
    public SourceReader Reader { get; }

    /// <summary>Its render stage.</summary>
    public RenderStage Render { get; }

    /// <summary>Frames out of its pool.</summary>
    public int FramesLeased => _pool.Leased;

    /// <summary>Frames that wait for a batch.</summary>
    public int QueueDepth => _queue.Count;

    /// <summary>How the source is.</summary>
    public SourceHealth Health => new(Meter.Name, Reader.State, Meter.WasTried, Reader.Failure ?? Reader.Trouble);

    /// <summary>How the stages are that are its alone.</summary>
    public IEnumerable<StageHealth> Stages =>
    [
        new StageHealth(PipelineMeters.NameOf(Stage.Render), Meter.Name, Render.Queue.Count, Render.Standstill),
        .. _ownSinks.Select(sink => new StageHealth(sink.Queue.Holder, Meter.Name, sink.Queue.Count, sink.Standstill)),
    ];

    /// <summary>Starts every stage of it, from the end to the beginning.</summary>
    /// <param name="stop">Ends the reading; what was read is still processed.</param>
    public void Start(CancellationToken stop)
    {
        foreach (SinkStage sink in _ownSinks)
        {
            sink.Start();
        }

        Render.Start();
        Reader.Start(stop);
        Ended = CloseAtEndAsync();
    }

    /// <summary>Ends once the source has, and its queue is closed.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Once the batcher will deliver nothing more: waits until every frame is drawn and written.</summary>
    public async Task DrainAsync()
    {
        Render.Queue.Complete();
        await Render.Completion;
        foreach (SinkStage sink in _ownSinks)
        {
            sink.Queue.Complete();
        }

        await Task.WhenAll(_ownSinks.Select(sink => sink.Completion));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_pool.Leased > 0)
        {
            Log.FramesStillOut(_logger, Meter.Name, _pool.DescribeLeases());
        }

        _pool.Dispose();
    }

    /// <inheritdoc/>
    public void Receive(Frame frame, CancellationToken cancellationToken)
    {
        var ticket = new FrameTicket(frame, this);

        // The source's thread is its own and may wait; the batcher goes on taking until the queue is complete.
        if (!_queue.TryWrite(ticket) && !_queue.WriteAsync(ticket).AsTask().GetAwaiter().GetResult())
        {
            GiveBack(frame, DropReason.Stopped, stage: null);
        }
    }

    /// <inheritdoc/>
    public void OnPassedOver() => _meters.Drop(Stage.Capture, Meter, DropReason.Pool);

    /// <inheritdoc/>
    public void OnCaptured(TimeSpan elapsed) => _meters.Record(Stage.Capture, Meter, elapsed, elapsed);

    /// <inheritdoc/>
    public void OnSkipped(string what)
    {
        _meters.Drop(Stage.Capture, Meter, DropReason.Unreadable);
        Log.Skipped(_logger, Meter.Name, what);
    }

    /// <inheritdoc/>
    public void OnRendered(FrameResult result, TimeSpan elapsed) => _meters.Record(Stage.Render, Meter, elapsed, elapsed);

    /// <summary>Takes a frame back from the batcher, with what was found on it.</summary>
    public void Deliver(Frame frame, ReadOnlySpan<Detection> detections, int nonFinite)
    {
        TimeSpan latency = _time.GetElapsedTime(frame.CapturedTimestamp);
        _meters.RecordResult(Meter, latency, detections, nonFinite);
        if (!Render.Queue.TryPost(frame, Holder, detections, latency))
        {
            GiveBack(frame, DropReason.Render, Stage.Render);
        }
    }

    /// <summary>What became of the source, for the report.</summary>
    public SourceFigures Figures(double wallSeconds)
    {
        LatencyFigures latency = LatencyFigures.From(Meter.Latency, wallSeconds);
        return new SourceFigures(
            Reader.Address.ToString(),
            PipelineMeters.NameOf(Reader.State),
            Reader.Failure,
            Reader.Warning,
            Reader.FramesGrabbed,
            latency.Frames,
            latency.Fps,
            latency.P50Ms,
            latency.P95Ms,
            latency.P99Ms,
            SourceMeter.DropReasons.Where(reason => Meter.DroppedFor(reason) > 0).ToDictionary(PipelineMeters.NameOf, Meter.DroppedFor, StringComparer.Ordinal),
            _meters.Labels.Ids.Where(id => Meter.DetectionsOf(id) > 0).ToDictionary(id => _meters.Labels[id], Meter.DetectionsOf, StringComparer.Ordinal),
            Meter.NonFinite);
    }

    /// <summary>Gives a frame back to its pool without a result, and counts it.</summary>
    public void GiveBack(Frame frame, DropReason reason, Stage? stage)
    {
        frame.Release(Holder);
        _meters.Drop(stage, Meter, reason);
    }

    /// <inheritdoc/>
    public void OnStateChanged(SourceChange change)
    {
        Meter.Enter(change.To);
        string reason = change.Reason ?? "";
        double downFor = change.DownFor?.TotalSeconds ?? 0;
        switch (change)
        {
            case { IsNews: false } or { To: SourceState.Ended }:
                Log.StateChanged(_logger, Meter.Name, change.From, change.To, reason);
                break;
            case { To: SourceState.Live, DownFor: not null }:
                Log.BackAgain(_logger, Meter.Name, downFor);
                break;
            case { To: SourceState.Live }:
                Log.Live(_logger, Meter.Name, Reader.Format is { } format ? $": {format}" : "");
                break;
            case { To: SourceState.Paused }:
                Log.Paused(_logger, Meter.Name);
                break;
            case { To: SourceState.Stalled }:
                Log.Stalled(_logger, Meter.Name, reason);
                break;
            case { To: SourceState.BackingOff }:
                Log.Away(_logger, Meter.Name, reason);
                break;
            case { To: SourceState.Failed } when _meters.Sources.Count > 1:
                // A run with no other source ends with this message itself.
                Log.Failed(_logger, Meter.Name, reason);
                break;
        }
    }

    /// <inheritdoc/>
    public void OnCallHung() => Log.CallHung(_logger, Meter.Name);

    private async Task CloseAtEndAsync()
    {
        await Reader.Completion;
        _queue.Complete();
        if (Reader.Warning is { } warning)
        {
            Log.EndedEarly(_logger, Meter.Name, warning);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Warning, "{Source}: {Failure}")]
        public static partial void Failed(ILogger logger, string source, string failure);

        [LoggerMessage(14, LogLevel.Debug, "{Source}: {From} -> {To} {Reason}")]
        public static partial void StateChanged(ILogger logger, string source, SourceState from, SourceState to, string reason);

        [LoggerMessage(15, LogLevel.Information, "{Source} delivers{Format}.")]
        public static partial void Live(ILogger logger, string source, string format);

        [LoggerMessage(16, LogLevel.Information, "{Source} delivers again, after {Seconds:F1} s.")]
        public static partial void BackAgain(ILogger logger, string source, double seconds);

        [LoggerMessage(23, LogLevel.Information, "{Source} is paused.")]
        public static partial void Paused(ILogger logger, string source);

        [LoggerMessage(17, LogLevel.Warning, "{Source} stalls: {Reason}.")]
        public static partial void Stalled(ILogger logger, string source, string reason);

        [LoggerMessage(18, LogLevel.Warning, "{Source} is away: {Reason} It is tried again until it is there.")]
        public static partial void Away(ILogger logger, string source, string reason);

        [LoggerMessage(19, LogLevel.Error, "{Source}: a call into the video library did not return, and is left behind with its thread and memory.")]
        public static partial void CallHung(ILogger logger, string source);

        [LoggerMessage(11, LogLevel.Warning, "{Source}: {Warning}")]
        public static partial void EndedEarly(ILogger logger, string source, string warning);

        [LoggerMessage(13, LogLevel.Warning, "{Source}: frames still out: {Leases}.")]
        public static partial void FramesStillOut(ILogger logger, string source, string leases);

        [LoggerMessage(12, LogLevel.Warning, "{Source}: {What} can't be read and is passed over.")]
        public static partial void Skipped(ILogger logger, string source, string what);
    }
}
