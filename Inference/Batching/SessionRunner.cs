namespace Pipeline.Inference;

/// <summary>How a run ended.</summary>
/// <param name="Exception">What went wrong; null where nothing did.</param>
/// <param name="Hung">Whether the run has not come back, and may never.</param>
/// <param name="Elapsed">What it took, from its beginning or the end of the run before it, whichever was later.</param>
internal readonly record struct RunOutcome(Exception? Exception, bool Hung, TimeSpan Elapsed);

/// <summary>
/// Threads of their own for a session's runs, which block for as long as the network takes, and a watchdog over them. On a device
/// one run may be begun behind the one at hand, so that the device never waits for this program: one thread begins runs, another
/// waits for their outputs. A run that exceeds its time, or whose outputs do, is reported as hung; the runner is of no use any
/// more, and the thread ends if the run should ever come back. A run allocates nothing here.
/// </summary>
/// <remarks>One caller begins runs and takes their outcomes.</remarks>
internal sealed class SessionRunner : IDisposable
{
    /// <summary>The session; the runner owns it.</summary>
    private readonly IModelSession _session;

    /// <summary>Times the runs.</summary>
    private readonly TimeProvider _time;

    /// <summary>The longest run that is not called hung.</summary>
    private readonly TimeSpan _timeout;

    /// <summary>Set when an outcome is there.</summary>
    private readonly WakeSignal _ended;

    /// <summary>Fires when the oldest run may have exceeded its time. On from a beginning until it finds no run.</summary>
    private readonly ITimer _watchdog;

    /// <summary>Wakes the thread that begins runs, for one or to end.</summary>
    private readonly SemaphoreSlim _toBegin = new(0);

    /// <summary>Wakes the thread that waits for outputs; null where there is none: a run has ended when it returns.</summary>
    private readonly SemaphoreSlim? _toAwait;

    /// <summary>The runs in flight, by number modulo length.</summary>
    private readonly Flight[] _flights;

    /// <summary>Runs begun so far: the number of the next.</summary>
    private long _begunRuns;

    /// <summary>Runs whose outcome is settled: whoever counts one up, a thread or the watchdog, says what it is.</summary>
    private long _settledRuns;

    /// <summary>Runs whose outcome can be taken.</summary>
    private long _endedRuns;

    /// <summary>Runs whose outcome was taken.</summary>
    private long _takenRuns;

    /// <summary>When the last run ended.</summary>
    private long _lastEnd = long.MinValue;

    /// <summary>1 while the watchdog is on.</summary>
    private int _isWatched;

    /// <summary>Starts the threads.</summary>
    /// <param name="session">The session; from now on the runner's.</param>
    /// <param name="timeout">The longest run that is not called hung.</param>
    /// <param name="ended">Is set when <see cref="TryTake"/> has something to give.</param>
    /// <param name="time">Times the runs.</param>
    public SessionRunner(IModelSession session, TimeSpan timeout, WakeSignal ended, TimeProvider time)
    {
        _session = session;
        _timeout = timeout;
        _ended = ended;
        _time = time;
        _flights = [.. Enumerable.Range(0, session.RunsInFlight).Select(_ => new Flight())];
        _watchdog = time.CreateTimer(
            static runner => ((SessionRunner)runner!).CheckForHang(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        new Thread(BeginRuns) { IsBackground = true, Name = "session" }.Start();
        if (_flights.Length > 1)
        {
            _toAwait = new SemaphoreSlim(0);
            new Thread(AwaitRuns) { IsBackground = true, Name = "session outputs" }.Start();
        }
    }

    /// <summary>The session.</summary>
    public IModelSession Session => _session;

    /// <summary>Whether another run may be begun.</summary>
    public bool CanBegin => _begunRuns - _takenRuns < _flights.Length;

    /// <summary>Begins a run, behind those in flight.</summary>
    /// <param name="slot">A slot of <see cref="Session"/>.</param>
    public void Begin(BatchSlot slot)
    {
        Flight flight = FlightOf(_begunRuns);
        flight.Slot = slot;
        flight.Exception = null;
        flight.Begun = _time.GetTimestamp();
        Interlocked.Increment(ref _begunRuns);
        Watch();
        _toBegin.Release();
    }

    /// <summary>Takes the outcome of the oldest run, if it has ended.</summary>
    public bool TryTake(out RunOutcome outcome)
    {
        if (Volatile.Read(ref _endedRuns) == _takenRuns)
        {
            outcome = default;
            return false;
        }

        outcome = FlightOf(_takenRuns).Outcome;
        _takenRuns++;
        return true;
    }

    /// <summary>
    /// Ends the threads and gives the session up, once no run is in flight or one hangs. After a hang the native memory stays until
    /// the run comes back.
    /// </summary>
    public void Dispose()
    {
        _watchdog.Dispose();
        _toBegin.Release();
        _session.Dispose();
    }

    private Flight FlightOf(long run) => _flights[run % _flights.Length];

    private void BeginRuns()
    {
        for (long run = 0; ; run++)
        {
            _toBegin.Wait();
            if (run == Volatile.Read(ref _begunRuns))
            {
                // Woken for no run: to end.
                _toAwait?.Release();
                return;
            }

            Flight flight = FlightOf(run);
            try
            {
                _session.Run(flight.Slot!);
            }
            catch (Exception exception)
            {
                flight.Exception = exception;
            }

            if (_toAwait is not null)
            {
                _toAwait.Release();
            }
            else if (!TryEnd(run, flight.Exception))
            {
                return;
            }
        }
    }

    private void AwaitRuns()
    {
        for (long run = 0; ; run++)
        {
            _toAwait!.Wait();
            if (run == Volatile.Read(ref _begunRuns))
            {
                return;
            }

            Flight flight = FlightOf(run);
            try
            {
                if (flight.Exception is null)
                {
                    _session.WaitForOutputs(flight.Slot!);
                }
            }
            catch (Exception exception)
            {
                flight.Exception = exception;
            }

            if (!TryEnd(run, flight.Exception))
            {
                return;
            }
        }
    }

    // On again where it is off. It is not set for each run: that costs more than to fire in vain now and then.
    private void Watch()
    {
        if (Interlocked.Exchange(ref _isWatched, 1) == 0)
        {
            _watchdog.FireAfter(_timeout);
        }
    }

    // The timer may fire late, when its run has just ended and the next one begun: the number is read before the times, so that
    // either the time has not passed or the number has. It may also fire early.
    private void CheckForHang()
    {
        long run = Volatile.Read(ref _settledRuns);
        if (run == Volatile.Read(ref _begunRuns))
        {
            Interlocked.Exchange(ref _isWatched, 0);
            if (Volatile.Read(ref _settledRuns) != Volatile.Read(ref _begunRuns))
            {
                // Begun just now, while the watchdog still seemed to be on.
                Watch();
            }

            return;
        }

        TimeSpan elapsed = Elapsed(run);
        if (elapsed < _timeout)
        {
            _watchdog.FireAfter(_timeout - elapsed);
            return;
        }

        var exception = new ModelRunException($"The model's run has not come back after {elapsed.TotalSeconds:0.#} s.");
        if (!TrySettle(run, new RunOutcome(exception, Hung: true, elapsed)))
        {
            _watchdog.FireAfter(_timeout);
        }
    }

    private TimeSpan Elapsed(long run) =>
        _time.GetElapsedTime(Math.Max(Volatile.Read(ref FlightOf(run).Begun), Volatile.Read(ref _lastEnd)));

    // False where the watchdog was first: the run was reported as hung, and the runner is given up.
    private bool TryEnd(long run, Exception? exception) =>
        TrySettle(run, new RunOutcome(exception, Hung: false, Elapsed(run)));

    private bool TrySettle(long run, RunOutcome outcome)
    {
        // Before the run counts as ended: from then on the watchdog looks at the next one, whose time begins here.
        Volatile.Write(ref _lastEnd, _time.GetTimestamp());
        if (Interlocked.CompareExchange(ref _settledRuns, run + 1, run) != run)
        {
            return false;
        }

        FlightOf(run).Outcome = outcome;
        Volatile.Write(ref _endedRuns, run + 1);
        _ended.Set();
        return true;
    }

    /// <summary>A run from its beginning until its outcome is taken.</summary>
    private sealed class Flight
    {
        /// <summary>What is run.</summary>
        public BatchSlot? Slot;

        /// <summary>When it was begun.</summary>
        public long Begun;

        /// <summary>What was thrown.</summary>
        public Exception? Exception;

        /// <summary>How it ended.</summary>
        public RunOutcome Outcome;
    }
}
