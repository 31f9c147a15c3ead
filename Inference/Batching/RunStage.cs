namespace Pipeline.Inference;

/// <summary>
/// Runs prepared batches, one after another, and replaces a session that failed or hung. A run that returned an error
/// costs its own tickets; a second hung run, a lost device or a session that keeps failing ends the batching.
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

    /// <summary>The longest run that is not called hung.</summary>
    private readonly TimeSpan _timeout;

    /// <summary>Times runs and pauses.</summary>
    private readonly TimeProvider _time;

    /// <summary>The session at work.</summary>
    private SessionRunner _runner;

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
        TimeSpan timeout,
        TimeProvider time)
    {
        _ring = ring;
        _observer = observer;
        _reopen = reopen;
        _timeout = timeout;
        _time = time;
        _runner = new SessionRunner(session, timeout, time);
    }

    /// <summary>Runs until no more batches are prepared.</summary>
    public async Task RunAsync()
    {
        while (await _ring.Prepared.Reader.WaitToReadAsync())
        {
            _ring.Prepared.Reader.TryRead(out Batch<TTicket>? batch);
            RunOutcome outcome = default;
            try
            {
                if (_ring.Stopping.IsCancellationRequested)
                {
                    batch!.IsStopped = true;
                }
                else if (batch!.Slot.ImageCount > 0)
                {
                    outcome = await _runner.RunAsync(batch.Slot);
                    Conclude(batch, outcome);
                }
            }
            catch (Exception exception)
            {
                _ring.Fail(exception);
            }

            batch!.Enter(BatchStage.Decode, _time.GetTimestamp());
            _ring.Finished.Writer.TryWrite(batch);
            if (outcome.Exception is not null && !_ring.Stopping.IsCancellationRequested)
            {
                await ReplaceSessionAsync();
            }
        }

        _ring.Finished.Writer.Complete();
    }

    /// <inheritdoc/>
    public void Dispose() => _runner.Dispose();

    // Before the batch goes on: what is said of its run, and of the session, is said before its tickets come back.
    private void Conclude(Batch<TTicket> batch, in RunOutcome outcome)
    {
        if (outcome.Exception is null)
        {
            _failures = 0;
            _observer.OnRun(batch.Slot.ImageCount, batch.Slot.BatchSize, outcome.Elapsed, batch.Number);
            return;
        }

        Exception failure = outcome.Hung ? Abandon(batch, outcome.Exception) : outcome.Exception;
        batch.RunFailure = failure;
        _failures++;
        _observer.OnSessionLost(failure, outcome.Hung);
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
                    IModelSession session = await Task.Run(_reopen, _ring.Stopping);
                    _runner = new SessionRunner(session, _timeout, _time);
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
        catch (Exception exception)
        {
            _ring.Fail(exception);
        }
    }

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
