namespace Pipeline.Inference;

/// <summary>
/// Runs prepared batches, one after another, and replaces a session that failed or hung. On a device the next run is begun as soon
/// as its batch is prepared, and follows the one at hand at once. A run that returned an error costs its own tickets; a second
/// hung run, a lost device or a session that keeps failing ends the batching.
/// </summary>
/// <typeparam name="TTicket">The ticket.</typeparam>
internal sealed class RunStage<TTicket> : IDisposable
    where TTicket : IBatchTicket
{
    /// <summary>A hung run leaves its thread and memory behind; twice says that it was no accident.</summary>
    private const int HungRunLimit = 2;

    /// <summary>So many failures in a row, of runs or of reopening, say that no session will work here.</summary>
    private const int FailureLimit = 6;

    /// <summary>The longest pause between two attempts to reopen.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>The batches and the channels.</summary>
    private readonly BatchRing<TTicket> _ring;

    /// <summary>Is told of runs and sessions.</summary>
    private readonly IBatchObserver<TTicket> _observer;

    /// <summary>Opens another session of the same model.</summary>
    private readonly Func<IModelSession> _reopen;

    /// <summary>After how long runs and openings count as hung.</summary>
    private readonly DetectionBatcherOptions _limits;

    /// <summary>Times runs and pauses.</summary>
    private readonly TimeProvider _time;

    /// <summary>The session at work.</summary>
    private SessionRunner _runner;

    /// <summary>The batch whose run is the oldest in flight; null where none is.</summary>
    private Batch<TTicket>? _running;

    /// <summary>
    /// Whether the batch behind it was begun too. It keeps its place among the prepared, so that no other one is filled too early.
    /// </summary>
    private bool _isNextBegun;

    /// <summary>Whether a run of the session failed, so that it begins no more and is replaced when none is in flight.</summary>
    private bool _isSessionLost;

    /// <summary>Hung runs so far.</summary>
    private int _hungRuns;

    /// <summary>Failures since the last run that succeeded.</summary>
    private int _failures;

    /// <summary>A stage.</summary>
    public RunStage(
        BatchRing<TTicket> ring,
        IBatchObserver<TTicket> observer,
        IModelSession session,
        Func<IModelSession> reopen,
        DetectionBatcherOptions limits,
        TimeProvider time)
    {
        _ring = ring;
        _observer = observer;
        _reopen = reopen;
        _limits = limits;
        _time = time;
        _runner = new SessionRunner(session, limits.RunTimeout, ring.RunSignal, time);
    }

    /// <summary>Runs until no more batches are prepared.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            if (_isSessionLost && _running is null && !_isNextBegun && !_ring.Stopping.IsCancellationRequested)
            {
                await ReplaceSessionAsync();
            }

            if (!TryEnd() && !TryBegin() && !TryBeginNext())
            {
                if (_running is null && _ring.Prepared.Reader.Completion.IsCompleted)
                {
                    break;
                }

                await _ring.RunSignal.WaitAsync();
            }
        }

        _ring.Finished.Writer.Complete();
    }

    /// <inheritdoc/>
    public void Dispose() => _runner.Dispose();

    // The oldest run in flight, if it has ended.
    private bool TryEnd()
    {
        if (_running is not { } batch || !_runner.TryTake(out RunOutcome outcome))
        {
            return false;
        }

        Conclude(batch, outcome);
        Exception? failure = batch.RunFailure;
        HandOn(batch);
        _running = null;
        if (outcome.Hung && _isNextBegun && _ring.Prepared.Reader.TryRead(out Batch<TTicket>? next))
        {
            // Behind a run that does not come back nothing does.
            _isNextBegun = false;
            next.RunFailure = failure;
            HandOn(next);
        }

        return true;
    }

    // The next batch, when none is at hand: it may have been begun before.
    private bool TryBegin()
    {
        if (_running is not null || !_ring.Prepared.Reader.TryRead(out Batch<TTicket>? batch))
        {
            return false;
        }

        if (!_isNextBegun && (_ring.Stopping.IsCancellationRequested || batch.Slot.ImageCount == 0))
        {
            batch.IsStopped = _ring.Stopping.IsCancellationRequested;
            HandOn(batch);
            return true;
        }

        if (!_isNextBegun)
        {
            _runner.Begin(batch.Slot);
        }

        _isNextBegun = false;
        _running = batch;
        return true;
    }

    // The one behind the batch at hand, where the session takes two.
    private bool TryBeginNext()
    {
        if (_running is null
            || _isNextBegun
            || _isSessionLost
            || !_runner.CanBegin
            || _ring.Stopping.IsCancellationRequested
            || !_ring.Prepared.Reader.TryPeek(out Batch<TTicket>? next)
            || next.Slot.ImageCount == 0)
        {
            return false;
        }

        _runner.Begin(next.Slot);
        _isNextBegun = true;
        return true;
    }

    private void HandOn(Batch<TTicket> batch)
    {
        batch.Enter(BatchStage.Decode, _time.GetTimestamp());
        _ring.Finished.Writer.TryWrite(batch);
    }

    // Before the batch goes on: what is said of its run, and of the session, is said before its tickets come back.
    private void Conclude(Batch<TTicket> batch, in RunOutcome outcome)
    {
        try
        {
            if (outcome.Exception is null)
            {
                _failures = 0;
                _observer.OnRun(batch.Slot.ImageCount, batch.Slot.BatchSize, outcome.Elapsed, batch.Number);
                if (batch.Slot.DeviceTimes is { } times)
                {
                    _observer.OnDeviceRun(batch.Slot.ImageCount, times);
                }

                return;
            }

            // First of all: whatever fails here, nothing in the slot is a result.
            batch.RunFailure = outcome.Exception;
            if (outcome.Hung)
            {
                batch.RunFailure = Abandon(batch, outcome.Exception);
            }

            Lose(batch.RunFailure, outcome.Hung);
        }
        catch (Exception exception)
        {
            _ring.Fail(exception);
        }
    }

    // Two runs that were in flight may both fail: the session is lost once.
    private void Lose(Exception failure, bool hung)
    {
        if (!_isSessionLost)
        {
            _isSessionLost = true;
            _failures++;
            _observer.OnSessionLost(failure, hung);
        }

        if (_hungRuns >= HungRunLimit || _failures >= FailureLimit || failure is ModelRunException { IsDeviceLost: true })
        {
            _ring.Fail(failure);
        }
    }

    // A lost device is asked for nothing any more, not for another slot either: it would not answer.
    private Exception Abandon(Batch<TTicket> batch, Exception hang)
    {
        _hungRuns++;
        if (_runner.Session.AbandonRun())
        {
            return new ModelRunException(hang.Message, hang) { IsDeviceLost = true };
        }

        batch.AbandonSlot(_runner.Session.CreateSlot());
        return hang;
    }

    private async Task ReplaceSessionAsync()
    {
        _runner.Dispose();
        try
        {
            while (true)
            {
                await PauseAsync();
                try
                {
                    IModelSession session = await ReopenAsync();
                    _runner = new SessionRunner(session, _limits.RunTimeout, _ring.RunSignal, _time);
                    _isSessionLost = false;
                    _observer.OnSessionReopened(session.Provider);
                    return;
                }
                catch (ModelException exception)
                    when (!CudaFailure.IsDeviceLost(exception.Message) && ++_failures < FailureLimit)
                {
                    // The next attempt comes after a longer pause.
                }
            }
        }
        catch (OperationCanceledException) when (_ring.Stopping.IsCancellationRequested)
        {
            // Stopped meanwhile: the batches that are still on their way come back unrun.
        }
        catch (ModelException exception) when (CudaFailure.IsDeviceLost(exception.Message))
        {
            // Not the model's fault, which no new process would mend: it mends this.
            _ring.Fail(new ModelRunException(exception.Message, exception) { IsDeviceLost = true });
        }
        catch (Exception exception)
        {
            _ring.Fail(exception);
        }
    }

    private async Task<IModelSession> ReopenAsync()
    {
        Task<IModelSession> opening = Task.Run(_reopen);
        await ((Task)opening).WaitAsync(_limits.OpenTimeout, _time, _ring.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opening.IsCompleted)
        {
            return await opening;
        }

        _ = DisposeLateAsync(opening);
        _ring.Stopping.ThrowIfCancellationRequested();
        throw HungOpening();
    }

    // Nobody waits for it any more.
    private static async Task DisposeLateAsync(Task<IModelSession> opening)
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opening.IsCompletedSuccessfully)
        {
            opening.Result.Dispose();
        }
    }

    // Where the session was on a device, that hangs, and is not even asked to take back what the slots have of it.
    private ModelRunException HungOpening() =>
        new($"The model has not opened again after {_limits.OpenTimeout.TotalSeconds:0.#} s.") { IsDeviceLost = _runner.Session.AbandonRun() };

    // None after a first failure, then 1, 2, 4, … seconds.
    private async Task PauseAsync()
    {
        if (_failures > 1)
        {
            TimeSpan pause = TimeSpan.FromSeconds(Math.Pow(2, _failures - 2));
            await Task.Delay(pause < LongestPause ? pause : LongestPause, _time, _ring.Stopping);
        }
    }
}
