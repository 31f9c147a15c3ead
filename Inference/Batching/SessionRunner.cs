using System.Threading.Tasks.Sources;

namespace Pipeline.Inference;

/// <summary>How a run ended.</summary>
/// <param name="Exception">What went wrong; null where nothing did.</param>
/// <param name="Hung">Whether the run has not come back, and may never.</param>
/// <param name="Elapsed">What it took.</param>
internal readonly record struct RunOutcome(Exception? Exception, bool Hung, TimeSpan Elapsed);

/// <summary>
/// A thread of its own for a session's runs, which block for as long as the network takes, and a watchdog over them. A
/// run that exceeds its time is reported as hung; its thread is abandoned and ends if the run should ever come back. A
/// run allocates nothing here. One run at a time.
/// </summary>
internal sealed class SessionRunner : IValueTaskSource<RunOutcome>, IDisposable
{
    /// <summary>The session; the runner owns it.</summary>
    private readonly IModelSession _session;

    /// <summary>Times the runs.</summary>
    private readonly TimeProvider _time;

    /// <summary>The longest run that is not called hung.</summary>
    private readonly TimeSpan _timeout;

    /// <summary>Fires when the run at hand has exceeded its time.</summary>
    private readonly ITimer _watchdog;

    /// <summary>Wakes the thread for a run, or to end.</summary>
    private readonly SemaphoreSlim _wake = new(0);

    /// <summary>What the caller of <see cref="RunAsync"/> awaits.</summary>
    private ManualResetValueTaskSourceCore<RunOutcome> _outcome = new() { RunContinuationsAsynchronously = true };

    /// <summary>The slot to run; null ends the thread.</summary>
    private BatchSlot? _slot;

    /// <summary>When the run at hand was begun.</summary>
    private long _started;

    /// <summary>Number of the last run, from 1.</summary>
    private long _run;

    /// <summary>The run whose outcome is still open; whoever sets it back to 0 reports the outcome.</summary>
    private long _openRun;

    /// <summary>Starts the thread.</summary>
    /// <param name="session">The session; from now on the runner's.</param>
    /// <param name="timeout">The longest run that is not called hung.</param>
    /// <param name="time">Times the runs.</param>
    public SessionRunner(IModelSession session, TimeSpan timeout, TimeProvider time)
    {
        _session = session;
        _timeout = timeout;
        _time = time;
        _watchdog = time.CreateTimer(
            static runner => ((SessionRunner)runner!).CheckForHang(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        new Thread(RunSlots) { IsBackground = true, Name = "session" }.Start();
    }

    /// <summary>The session.</summary>
    public IModelSession Session => _session;

    /// <summary>Runs a slot on the runner's thread.</summary>
    /// <param name="slot">A slot of <see cref="Session"/>.</param>
    public ValueTask<RunOutcome> RunAsync(BatchSlot slot)
    {
        _outcome.Reset();
        _slot = slot;
        Volatile.Write(ref _started, _time.GetTimestamp());
        Volatile.Write(ref _openRun, ++_run);
        _watchdog.FireAfter(_timeout);
        _wake.Release();
        return new ValueTask<RunOutcome>(this, _outcome.Version);
    }

    /// <summary>
    /// Ends the thread and gives the session up. After a hang the native memory stays until the run comes back.
    /// </summary>
    public void Dispose()
    {
        _watchdog.Dispose();
        _slot = null;
        _wake.Release();
        _session.Dispose();
    }

    RunOutcome IValueTaskSource<RunOutcome>.GetResult(short token) => _outcome.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<RunOutcome>.GetStatus(short token) => _outcome.GetStatus(token);

    void IValueTaskSource<RunOutcome>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _outcome.OnCompleted(continuation, state, token, flags);

    private void RunSlots()
    {
        while (true)
        {
            _wake.Wait();
            if (_slot is not { } slot)
            {
                return;
            }

            long run = _run;
            Exception? exception = null;
            try
            {
                _session.Run(slot);
            }
            catch (Exception thrown)
            {
                exception = thrown;
            }

            // Lost against the watchdog: this run was reported as hung, and the runner is given up.
            if (!TryReport(run, new RunOutcome(exception, Hung: false, _time.GetElapsedTime(_started))))
            {
                return;
            }
        }
    }

    // The timer may fire late, when its run has just ended and the next one begun: the number is read before the clock,
    // so that either the time has not passed or the number has. It may also fire early.
    private void CheckForHang()
    {
        long run = Volatile.Read(ref _openRun);
        TimeSpan elapsed = _time.GetElapsedTime(Volatile.Read(ref _started));
        if (run != 0 && elapsed < _timeout)
        {
            _watchdog.FireAfter(_timeout - elapsed);
        }
        else if (run != 0)
        {
            var exception = new ModelRunException(
                $"The model's run has not come back after {elapsed.TotalSeconds:0.#} s.");
            TryReport(run, new RunOutcome(exception, Hung: true, elapsed));
        }
    }

    private bool TryReport(long run, RunOutcome outcome)
    {
        if (Interlocked.CompareExchange(ref _openRun, 0, run) != run)
        {
            return false;
        }

        _watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _outcome.SetResult(outcome);
        return true;
    }
}
