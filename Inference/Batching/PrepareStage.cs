namespace Pipeline.Inference;

/// <summary>
/// Fills batches: takes tickets in turn and writes their images into the slot. A batch goes as soon as nothing more
/// waits, unless a wait is configured; the next one is begun only when the session has taken the last, so that live
/// images are taken late.
/// </summary>
/// <typeparam name="TTicket">The ticket.</typeparam>
internal sealed class PrepareStage<TTicket> : IDisposable
    where TTicket : IBatchTicket
{
    /// <summary>The batches and the channels.</summary>
    private readonly BatchRing<TTicket> _ring;

    /// <summary>Where tickets come from.</summary>
    private readonly SourceQueues<TTicket> _queues;

    /// <summary>Writes images into slots.</summary>
    private readonly Preprocessor _preprocessor;

    /// <summary>How long a batch with room left waits.</summary>
    private readonly TimeSpan _maximumWait;

    /// <summary>Times the preprocessing and the wait.</summary>
    private readonly TimeProvider _time;

    /// <summary>Ends the wait for a fuller batch.</summary>
    private readonly ITimer _waitIsOver;

    /// <summary>When the batch at hand got its first ticket.</summary>
    private long _firstTaken;

    /// <summary>Batches so far.</summary>
    private long _batches;

    /// <summary>A stage.</summary>
    public PrepareStage(
        BatchRing<TTicket> ring, SourceQueues<TTicket> queues, InputSpec input, TimeSpan maximumWait, TimeProvider time)
    {
        _ring = ring;
        _queues = queues;
        _preprocessor = new Preprocessor(input);
        _maximumWait = maximumWait;
        _time = time;
        _waitIsOver = time.CreateTimer(
            static queues => ((SourceQueues<TTicket>)queues!).Signal(),
            queues,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Runs until the queues are drained or batching is stopped.</summary>
    public async Task RunAsync()
    {
        Batch<TTicket>? batch = null;
        try
        {
            while (await _ring.Prepared.Writer.WaitToWriteAsync())
            {
                batch = await _ring.Free.Reader.ReadAsync();
                batch.Number = ++_batches;
                while (!_ring.Stopping.IsCancellationRequested && !batch.IsFull)
                {
                    if (_queues.TryTake(out TTicket ticket))
                    {
                        Add(batch, ticket);
                    }
                    else if (_queues.IsDrained || MayGo(batch))
                    {
                        break;
                    }
                    else
                    {
                        await _queues.WaitAsync();
                    }
                }

                if (batch.Count == 0)
                {
                    break;
                }

                Submit(batch.Slot);
                HandOn(batch);
                batch = null;
            }
        }
        catch (Exception exception)
        {
            _ring.Fail(exception);
        }

        // Tickets that a fault left behind go on, to come back in their turn.
        if (batch?.Count > 0)
        {
            HandOn(batch);
        }

        _ring.Prepared.Writer.Complete();
        _ring.RunSignal.Set();
    }

    /// <inheritdoc/>
    public void Dispose() => _waitIsOver.Dispose();

    private void Add(Batch<TTicket> batch, TTicket ticket)
    {
        long started = _time.GetTimestamp();
        batch.Enter(BatchStage.Prepare, started);
        if (batch.Count == 0 && _maximumWait > TimeSpan.Zero)
        {
            _firstTaken = started;
            _waitIsOver.FireAfter(_maximumWait);
        }

        if (batch.Add(ticket, _preprocessor))
        {
            _queues.Observer.OnPrepared(ticket, _time.GetElapsedTime(started), batch.Number);
        }
    }

    // On a device the input is copied while the batch before this one runs.
    private static void Submit(BatchSlot slot)
    {
        if (slot.ImageCount > 0)
        {
            slot.ClearPadding();
            slot.BeginUpload();
        }
    }

    private void HandOn(Batch<TTicket> batch)
    {
        batch.Enter(BatchStage.Run, _time.GetTimestamp());
        _ring.Prepared.Writer.TryWrite(batch);
        _ring.RunSignal.Set();
    }

    private bool MayGo(Batch<TTicket> batch)
    {
        if (batch.Count == 0 || _maximumWait == TimeSpan.Zero)
        {
            return batch.Count > 0;
        }

        TimeSpan left = _maximumWait - _time.GetElapsedTime(_firstTaken);
        if (left > TimeSpan.Zero)
        {
            // Something else may have woken this stage, or the timer was early.
            _waitIsOver.FireAfter(left);
        }

        return left <= TimeSpan.Zero;
    }
}
