namespace Pipeline.Render;

/// <summary>Is told what becomes of the frames of a sink.</summary>
public interface ISinkObserver
{
    /// <summary>A frame was written, and it took this long.</summary>
    void OnWritten(FrameResult result, TimeSpan elapsed);

    /// <summary>The sink lost a frame of this source: it was full, or can't be written at present.</summary>
    void OnLost(string source);
}

/// <summary>
/// One sink with its own bounded queue and thread: a slow or failed sink loses its own frames, and nobody else's. One that
/// failed is tried again, at growing distances, until it works.
/// </summary>
public sealed class SinkStage : IDisposable
{
    /// <summary>A write that takes longer hangs: no disk and no encoder is that slow.</summary>
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(5);

    private readonly ISink _sink;
    private readonly ISinkObserver _observer;
    private readonly TimeProvider _time;
    private readonly WorkClock _work;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _started;
    private long _handled;

    /// <summary>Makes a stage; it runs from <see cref="Start"/> on.</summary>
    /// <param name="sink">The sink; the stage completes and disposes it.</param>
    /// <param name="queue">Its queue.</param>
    /// <param name="health">Its state, which the stage keeps.</param>
    /// <param name="observer">Told of each frame.</param>
    /// <param name="time">The clock that measures the writing.</param>
    public SinkStage(ISink sink, FrameResultQueue queue, OutputHealth health, ISinkObserver observer, TimeProvider time)
    {
        _sink = sink;
        Queue = queue;
        Health = health;
        _observer = observer;
        _time = time;
        _work = new WorkClock(time);
    }

    /// <summary>Where render stages post.</summary>
    public FrameResultQueue Queue { get; }

    /// <summary>How the sink is.</summary>
    public OutputHealth Health { get; }

    /// <summary>Whether it looks at pixels.</summary>
    public bool NeedsPixels => _sink.NeedsPixels;

    /// <summary>Ends, never with an error, once the queue is complete and empty and the sink closed.</summary>
    public Task Completion => _completion.Task;

    /// <summary>
    /// How long the sink has been at one frame, or at its closing; zero where it is at neither. Any thread may ask.
    /// </summary>
    public TimeSpan Standstill => _work.Standstill;

    /// <summary>Frames that it is done with, written or lost. Any thread may ask.</summary>
    public long Handled => Volatile.Read(ref _handled);

    /// <summary>Starts the thread.</summary>
    public void Start()
    {
        _started = true;
        new Thread(Run) { IsBackground = true, Name = Queue.Holder }.Start();
    }

    /// <summary>Gives up a stage that was never started; a started one ends by completing its queue.</summary>
    public void Dispose()
    {
        if (!_started)
        {
            _sink.Dispose();
        }
    }

    /// <summary>Offers a rendered frame: the sink takes a lease of its own, or loses the frame.</summary>
    public void Offer(FrameResult result)
    {
        result.Frame.AddLease(Queue.Holder);
        if (!Queue.TryPost(result.Frame, Queue.Holder, result.Detections, result.Latency))
        {
            result.Frame.Release(Queue.Holder);
            _observer.OnLost(result.Frame.Source);
            CheckForHang();
        }
    }

    private void Run()
    {
        while (Queue.TryTake(out FrameResult? result))
        {
            try
            {
                Write(result);
            }
            finally
            {
                _work.End();
                Queue.Recycle(result);
                Volatile.Write(ref _handled, _handled + 1);
            }
        }

        Close();
        _completion.SetResult();
    }

    private void Write(FrameResult result)
    {
        if (!Health.MayTry)
        {
            _observer.OnLost(result.Frame.Source);
            return;
        }

        long before = _work.Begin();
        try
        {
            _sink.Write(result);
            Health.Work();
            _observer.OnWritten(result, _time.GetElapsedTime(before));
        }
        catch (Exception e)
        {
            // Whatever a sink does is its own affair: the pipeline and the other sinks go on.
            _observer.OnLost(result.Frame.Source);
            Health.Fail(e);
        }
    }

    private void CheckForHang()
    {
        if (_work.Standstill is var standstill && standstill > HangLimit)
        {
            Health.Hang(standstill);
        }
    }

    private void Close()
    {
        _work.Begin();
        Guard(Complete);
        Guard(_sink.Dispose);
        _work.End();
    }

    private void Complete()
    {
        _sink.Complete();
        if (Health.State == OutputState.Failed)
        {
            // It was given up, and came back.
            Health.Work();
        }
    }

    /// <summary>At the end too, whatever a sink does is its own affair: on this thread it would end the program.</summary>
    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            Health.Fail(e);
        }
    }
}
