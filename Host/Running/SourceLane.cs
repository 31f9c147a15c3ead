using Microsoft.Extensions.Logging;
using Pipeline.Capture;
using Pipeline.Host.Configuration;
using Pipeline.Host.Metering;
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
    private readonly RenderStage _render;
    private readonly IReadOnlyList<RunningSink> _ownSinks;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Whether a failure is told here: a run with no other source ends with that message itself.</summary>
    private readonly bool _isTold;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Frames of sources of this name before this lane.</summary>
    private readonly long _capturedBefore;

    /// <summary>Frames that the batcher has, and one for the reader, who may bring more.</summary>
    private int _unsettled = 1;

    /// <summary>Width (high half) and height of the last frame.</summary>
    private long _size;

    /// <summary>How often the reader came back, as far as the meter was told.</summary>
    private long _reconnectsTold;

    /// <summary>Whether it was told that drawing fails; the drawing thread's.</summary>
    private bool _isFailureTold;

    private volatile IDetectionDecoder _decoder;
    private DrawingSettings _drawing = new();

    /// <summary>Makes a lane; it runs from <see cref="Start"/> on.</summary>
    /// <param name="settings">The source, named.</param>
    /// <param name="options">How it is read.</param>
    /// <param name="plan">Its capacities.</param>
    /// <param name="decoder">What decodes its frames.</param>
    /// <param name="drawing">What is drawn on its pictures.</param>
    /// <param name="ownSinks">The sinks that are its alone; from now on the lane's.</param>
    /// <param name="sharedSinks">The sinks that it shares with other sources.</param>
    /// <param name="run">What all lanes work with.</param>
    public SourceLane(
        SourceSettings settings,
        SourceReaderOptions options,
        LanePlan plan,
        IDetectionDecoder decoder,
        DrawingSettings drawing,
        IReadOnlyList<RunningSink> ownSinks,
        IReadOnlyList<RunningSink> sharedSinks,
        RunContext run)
    {
        Settings = settings;
        Plan = plan;
        Meter = run.Meters.Open(settings.Name!);
        _meters = run.Meters;
        _ownSinks = ownSinks;
        _logger = run.Logger;
        _time = run.Time;
        _decoder = decoder;
        _isTold = run.KeepsRunning;
        _capturedBefore = Meter.Captured;
        _pool = new FramePool(plan.PoolSize);
        _queue = options.Latest ? run.Queues.AddLive() : run.Queues.AddFile(plan.InputCapacity);
        var results = new FrameResultQueue($"render {Name}", plan.RenderCapacity, plan.MaxDetections);
        SinkStage[] sinks = [.. ownSinks.Concat(sharedSinks).Select(sink => sink.Stage)];
        _render = new RenderStage(results, sinks, _meters.Labels, drawing.Caption, this, _time);
        Draw(drawing);
        Reader = new SourceReader(SourceAddress.Parse(settings.Uri), Name, options, _pool, this, _time);
    }

    /// <summary>The source's name.</summary>
    public string Name => Settings.Name!;

    /// <summary>The source.</summary>
    public SourceSettings Settings { get; private set; }

    /// <summary>Its capacities.</summary>
    public LanePlan Plan { get; }

    /// <summary>The source's meter.</summary>
    public SourceMeter Meter { get; }

    /// <summary>Its reader.</summary>
    public SourceReader Reader { get; }

    /// <summary>What decodes its frames: whoever asks next gets the decoder that was set last.</summary>
    public IDetectionDecoder Decoder => _decoder;

    /// <summary>Frames out of its pool.</summary>
    public int FramesLeased => _pool.Leased;

    /// <summary>Frames that wait for a batch.</summary>
    public int QueueDepth => _queue.Count;

    /// <summary>Frames grabbed, since the name was first used in this run.</summary>
    public long Captured => _capturedBefore + Reader.FramesGrabbed;

    /// <summary>The sinks that are its alone.</summary>
    public IReadOnlyList<RunningSink> OwnSinks => _ownSinks;

    /// <summary>Ends, never with an error, once the source has.</summary>
    public Task Ended => _ended.Task;

    /// <summary>
    /// Ends once everything that was read is drawn and offered to all sinks; with an error where drawing failed, which is a bug.
    /// </summary>
    public Task Rendered { get; private set; } = Task.CompletedTask;

    /// <summary>Ends as <see cref="Rendered"/> does, once its own sinks are closed too. A sink that hangs keeps it from ending.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Starts every stage of it, from the end to the beginning.</summary>
    /// <param name="stop">Ends the reading, as <see cref="Stop"/> does.</param>
    public void Start(CancellationToken stop)
    {
        foreach (RunningSink sink in _ownSinks)
        {
            sink.Stage.Start();
        }

        _render.Start();
        CancellationTokenRegistration stopping = stop.Register(Stop);
        Reader.Start(_stop.Token);
        Rendered = RenderAllAsync(stopping);
        Completion = CloseSinksAsync();
    }

    /// <summary>Ends the reading; what was read is still processed.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Changes what counts as a detection and what is drawn, from the next frame that is decoded or drawn on.</summary>
    /// <param name="settings">The source with its new thresholds; everything else in it is as before.</param>
    /// <param name="decoder">What decodes its frames from now on.</param>
    /// <param name="drawing">What is drawn on its pictures.</param>
    public void Change(SourceSettings settings, IDetectionDecoder decoder, DrawingSettings drawing)
    {
        Settings = settings;
        _decoder = decoder;
        if (drawing != _drawing)
        {
            Draw(drawing);
        }
    }

    /// <summary>Says in the log which frames are still out, where some are: at the end there should be none.</summary>
    public void TellLeaks()
    {
        if (_pool.Leased > 0)
        {
            Log.FramesStillOut(_logger, Name, _pool.DescribeLeases());
        }
    }

    /// <summary>Frees its frames, those that are still out when they come back, and sinks that were never started.</summary>
    public void Dispose()
    {
        foreach (RunningSink sink in _ownSinks)
        {
            sink.Stage.Dispose();
        }

        _pool.Dispose();
    }

    /// <inheritdoc/>
    public void Receive(Frame frame, CancellationToken cancellationToken)
    {
        var ticket = new FrameTicket(frame, this);
        Interlocked.Increment(ref _unsettled);

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
        Log.Skipped(_logger, Name, what);
    }

    /// <inheritdoc/>
    public void OnRendered(FrameResult result, TimeSpan elapsed) => _meters.Record(Stage.Render, Meter, elapsed, elapsed);

    /// <inheritdoc/>
    public void OnLost(FrameResult result, Exception exception)
    {
        _meters.Drop(Stage.Render, Meter, DropReason.Render);
        if (!_isFailureTold)
        {
            _isFailureTold = true;
            Log.DrawingFailed(_logger, Name, result.Frame.Number, exception.Message);
        }
    }

    /// <summary>Takes a frame back from the batcher, with what was found on it.</summary>
    public void Deliver(Frame frame, ReadOnlySpan<Detection> detections, int nonFinite)
    {
        TimeSpan latency = _time.GetElapsedTime(frame.CapturedTimestamp);
        _meters.RecordResult(Meter, latency, detections, nonFinite);
        Volatile.Write(ref _size, ((long)frame.Image.Cols << 32) | (uint)frame.Image.Rows);
        if (!_render.Queue.TryPost(frame, Holder, detections, latency))
        {
            GiveBack(frame, DropReason.Render, Stage.Render);
            return;
        }

        Settle();
    }

    /// <summary>Gives a frame back to its pool without a result, and counts it.</summary>
    public void GiveBack(Frame frame, DropReason reason, Stage? stage)
    {
        frame.Release(Holder);
        _meters.Drop(stage, Meter, reason);
        Settle();
    }

    /// <inheritdoc/>
    public void OnStateChanged(SourceChange change)
    {
        Meter.Enter(change.To);
        if (Reader.Reconnects > _reconnectsTold)
        {
            _reconnectsTold++;
            Meter.Reconnect();
        }

        string reason = change.Reason ?? "";
        double downFor = change.DownFor?.TotalSeconds ?? 0;
        switch (change)
        {
            case { IsNews: false } or { To: SourceState.Ended }:
                Log.StateChanged(_logger, Name, change.From, change.To, reason);
                break;
            case { To: SourceState.Live, DownFor: not null }:
                Log.BackAgain(_logger, Name, downFor);
                break;
            case { To: SourceState.Live }:
                Log.Live(_logger, Name, Reader.Format is { } format ? $": {format}" : "");
                break;
            case { To: SourceState.Paused }:
                Log.Paused(_logger, Name);
                break;
            case { To: SourceState.Stalled }:
                Log.Stalled(_logger, Name, reason);
                break;
            case { To: SourceState.BackingOff }:
                Log.Away(_logger, Name, reason);
                break;
            case { To: SourceState.Failed } when _isTold || _meters.Sources.Count > 1:
                Log.Failed(_logger, Name, reason);
                break;
        }
    }

    /// <inheritdoc/>
    public void OnCallHung()
    {
        Meter.LeaveCall();
        Log.CallHung(_logger, Name);
    }

    private void Draw(DrawingSettings drawing)
    {
        _drawing = drawing;
        _render.Change(drawing.Caption, drawing.Detections);
    }

    private async Task RenderAllAsync(CancellationTokenRegistration stopping)
    {
        await Reader.Completion;
        await stopping.DisposeAsync();
        Meter.AddCaptured(Reader.FramesGrabbed);
        _queue.Complete();
        if (Reader.Warning is { } warning)
        {
            Log.EndedEarly(_logger, Name, warning);
        }

        Settle();
        _ended.SetResult();
        await _settled.Task;
        _render.Queue.Complete();
        await _render.Completion;
    }

    private async Task CloseSinksAsync()
    {
        try
        {
            await Rendered;
        }
        finally
        {
            await Task.WhenAll(_ownSinks.Select(sink => sink.CompleteAsync()));
        }
    }

    /// <summary>The batcher has given a frame back, or the reader brings no more: once nothing is left, nothing more comes.</summary>
    private void Settle()
    {
        if (Interlocked.Decrement(ref _unsettled) == 0)
        {
            _settled.SetResult();
        }
    }
}
