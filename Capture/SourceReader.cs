namespace Pipeline.Capture;

/// <summary>
/// Reads one source: opens it, has its frames delivered, and opens it anew, for ever, where it is a camera or stream that was
/// lost. Each connection has a thread of its own; this class watches it from outside. A pause closes what is live, so that
/// somebody else may have the camera, and holds a file where it is.
/// </summary>
/// <remarks><see cref="Start"/> once; the other members from any thread.</remarks>
public sealed class SourceReader
{
    /// <summary>How often a connection is looked at: a small part of every limit.</summary>
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(0.25);

    /// <summary>How long a reader that is told to stop waits for native code.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(1);

    private readonly SourceReaderOptions _options;
    private readonly IFrameReceiver _receiver;
    private readonly TimeProvider _time;
    private readonly Func<SourceWatch, CancellationToken, IFrameSource> _open;
    private readonly FrameDelivery _delivery;
    private readonly SourceLife _life;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PauseSwitch _pause = new();
    private SourceConnection? _connection;
    private int _hungCalls;
    private volatile bool _wedged;

    /// <summary>Makes a reader; nothing is opened before <see cref="Start"/>.</summary>
    /// <param name="address">What to read.</param>
    /// <param name="name">What to call it: its frames carry this name.</param>
    /// <param name="options">How to read it.</param>
    /// <param name="pool">Where its frames come from; it stays the caller's.</param>
    /// <param name="receiver">Where its frames go.</param>
    /// <param name="time">The clock for time stamps, pacing and every limit.</param>
    public SourceReader(
        SourceAddress address, string name, SourceReaderOptions options, FramePool pool, IFrameReceiver receiver, TimeProvider time)
        : this(address, name, options, pool, receiver, time, Random.Shared, open: null)
    {
    }

    /// <summary>As the public constructor, with chance and another way to open the source: the seam for tests.</summary>
    internal SourceReader(
        SourceAddress address,
        string name,
        SourceReaderOptions options,
        FramePool pool,
        IFrameReceiver receiver,
        TimeProvider time,
        Random random,
        Func<SourceWatch, CancellationToken, IFrameSource>? open)
    {
        Address = address;
        Name = name;
        _options = options;
        _receiver = receiver;
        _time = time;
        _open = open ?? OpenSource;
        _life = new SourceLife(options.Limits, time, random, receiver.OnStateChanged);
        _delivery = new FrameDelivery(name, address.IsLive, options, pool, receiver, _life, time);
    }

    /// <summary>What it reads.</summary>
    public SourceAddress Address { get; }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>Where in its life it is.</summary>
    public SourceState State => _life.State;

    /// <summary>Why it failed; null where it didn't.</summary>
    public string? Failure { get; private set; }

    /// <summary>Why it ended before its claimed end, or was away when it was stopped; null where neither is so.</summary>
    public string? Warning { get; private set; }

    /// <summary>Why it delivers nothing at the moment; null where it does, or nothing is known yet.</summary>
    public string? Trouble => _life.Trouble;

    /// <summary>How many frames there should be; null where that is not known (yet).</summary>
    public long? ExpectedFrames => Smaller(Volatile.Read(ref _connection)?.FrameCount, _options.MaximumFrames);

    /// <summary>Size, coding and rate that the newest connection declares; null where it is not open, or says nothing.</summary>
    public string? Format => Volatile.Read(ref _connection)?.Format;

    /// <summary>Frames grabbed so far, by all connections.</summary>
    public long FramesGrabbed => _delivery.Grabbed;

    /// <summary>Whether it ever delivered.</summary>
    public bool HasDelivered => _life.HasDelivered;

    /// <summary>How often it came back after it had been lost.</summary>
    public long Reconnects => _life.Reconnects;

    /// <summary>Native calls that did not return in time, each with the thread and the memory that it holds.</summary>
    public int HungCalls => Volatile.Read(ref _hungCalls);

    /// <summary>Whether it was given up because native calls hang: only a new process gets rid of them.</summary>
    public bool IsHung => _wedged || HungCalls >= _options.Limits.HungCalls;

    /// <summary>Ends, never with an error, once the last frame is handed on and the source is closed.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Starts the reading. A cancelled source ends after the frame in its hand.</summary>
    public void Start(CancellationToken cancellationToken) => _ = RunAsync(cancellationToken);

    /// <summary>Whether it is paused, or about to be.</summary>
    public bool IsPaused => _pause.IsOn;

    /// <summary>Pauses it, at any time; before <see cref="Start"/> it begins paused. Numbers and times go on where it is resumed.</summary>
    /// <returns>Ends once it is closed or held, or has ended by itself.</returns>
    public Task PauseAsync() => Task.WhenAny(_pause.TurnOn(), Completion);

    /// <summary>Resumes it: what is live is opened again, and a file goes on with its next frame.</summary>
    public void Resume() => _pause.TurnOff();

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            ConnectionEnd end;
            do
            {
                end = await AttemptAsync(stop);
                if (_pause.IsOn && Address.IsLive && end.Outcome == ConnectionOutcome.Stopped)
                {
                    _life.OnPaused();
                    await _pause.ObeyAsync(stop);
                    if (!stop.IsCancellationRequested)
                    {
                        _life.OnOpening();
                    }
                }
            }
            while (!stop.IsCancellationRequested && end.Outcome == ConnectionOutcome.Stopped);

            Finish(end);
        }
        finally
        {
            _completion.SetResult();
        }
    }

    /// <summary>Connects, again and again where the connection is lost, until it is stopped or paused, or its end is for good.</summary>
    private async Task<ConnectionEnd> AttemptAsync(CancellationToken stop)
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _pause.Cancels(Address.IsLive ? attempt : null);
        try
        {
            ConnectionEnd end = await ConnectAsync(attempt.Token);
            while (Address.Reconnects && end.Outcome is ConnectionOutcome.Broken or ConnectionOutcome.Hung && !IsHung)
            {
                TimeSpan delay = _life.OnLost(end.Reason!);
                await Task.Delay(delay, _time, attempt.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (attempt.IsCancellationRequested)
                {
                    return new ConnectionEnd(ConnectionOutcome.Stopped);
                }

                _life.OnOpening();
                end = await ConnectAsync(attempt.Token);
            }

            return end;
        }
        finally
        {
            _pause.Cancels(null);
        }
    }

    /// <summary>Opens a connection and watches it until it ends, or is left to itself.</summary>
    private async Task<ConnectionEnd> ConnectAsync(CancellationToken stop)
    {
        using var connection = new SourceConnection(Address, _open, _delivery, Address.IsLive ? null : _pause, _time, stop);
        Volatile.Write(ref _connection, connection);
        connection.Start(Name);

        // A file may be as slow as its disk; a test pattern has nothing that could hang.
        return Address.Reconnects ? await WatchAsync(connection, stop) : await connection.Completion;
    }

    private async Task<ConnectionEnd> WatchAsync(SourceConnection connection, CancellationToken stop)
    {
        bool givenUp = false;
        while (await Task.WhenAny(connection.Completion, Task.Delay(WatchInterval, _time, CancellationToken.None)) != connection.Completion)
        {
            TimeSpan silence = connection.Watch.Silence;
            _life.OnSilence(silence);
            if (stop.IsCancellationRequested)
            {
                connection.Abandon(StopGrace, new ConnectionEnd(ConnectionOutcome.Stopped));
            }
            else if (silence > _options.Limits.Hang)
            {
                givenUp = true;
                if (connection.Abandon(_options.Limits.Hang, new ConnectionEnd(ConnectionOutcome.Hung, $"{Address} hangs: a call into the video library did not return.")))
                {
                    Interlocked.Increment(ref _hungCalls);
                    _receiver.OnCallHung();
                }
            }
        }

        ConnectionEnd end = await connection.Completion;
        return givenUp && end.Outcome == ConnectionOutcome.Stopped && !stop.IsCancellationRequested
            ? new ConnectionEnd(ConnectionOutcome.Broken, $"{Address} sends, but no picture that can be read.")
            : end;
    }

    private void Finish(ConnectionEnd end)
    {
        // A camera that never came could not be read, however long it would have been waited for.
        bool neverCame = Address.Reconnects && !HasDelivered && !_pause.IsOn;
        _wedged = end.Outcome == ConnectionOutcome.Wedged;
        if (end.Outcome is ConnectionOutcome.Broken or ConnectionOutcome.Hung or ConnectionOutcome.Wedged || neverCame)
        {
            Failure = end.Reason ?? _life.Trouble ?? $"{Address} gave no frame before it was stopped.";
            _life.Fail(Failure);
            return;
        }

        Warning = end.Reason ?? (_life.Trouble is { } trouble ? $"It was away at the end: {trouble}" : null);
        _life.End();
    }

    private IFrameSource OpenSource(SourceWatch watch, CancellationToken cancellationToken)
    {
        IFrameSource source = OpenAddress(watch, cancellationToken);
        return _options.Geometry.IsIdentity ? source : new ShapedSource(source, _options.Geometry);
    }

    private IFrameSource OpenAddress(SourceWatch watch, CancellationToken cancellationToken) => Address.Kind switch
    {
        SourceKind.Pictures => PictureSource.Open(Address, _options.Loop, _receiver.OnSkipped),
        SourceKind.TestPattern => new TestPatternSource(TestPattern.Parse(Address.Target), _time),
        SourceKind.Video => VideoFileSource.Open(Address, _options, watch, _time, cancellationToken),
        SourceKind.Stream => StreamSource.Open(Address, _options, watch, _time, cancellationToken),
        SourceKind.LaunchLine => LaunchedSource.Open(Address, _options.Limits, watch, _time),
        SourceKind.Camera => WebcamSource.Open(Address, _options, watch, _time),
        _ => throw new InvalidOperationException($"{Address.Kind} can't be opened."),
    };

    private static long? Smaller(long? a, long? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);
}
