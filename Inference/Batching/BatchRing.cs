using System.Threading.Channels;

namespace Pipeline.Inference;

/// <summary>
/// The few batches that go round, and the channels between the stages: free → prepare → prepared → run → finished →
/// decode → free. One batch is prepared while another runs and a third is decoded. It also carries the stop: a fault in
/// one stage stops all.
/// </summary>
/// <typeparam name="TTicket">The ticket.</typeparam>
internal sealed class BatchRing<TTicket> : IDisposable
    where TTicket : IBatchTicket
{
    /// <summary>One batch for each stage.</summary>
    private const int Size = 3;

    /// <summary>All batches.</summary>
    private readonly Batch<TTicket>[] _batches;

    /// <summary>Says to all stages that they must stop.</summary>
    private readonly CancellationTokenSource _stop = new();

    /// <summary>The first fault.</summary>
    private Exception? _fault;

    /// <summary>Makes the batches.</summary>
    /// <param name="session">The session whose model they are for.</param>
    public BatchRing(IModelSession session)
    {
        _batches = [.. Enumerable.Range(0, Size).Select(_ => new Batch<TTicket>(session.CreateSlot()))];
        foreach (Batch<TTicket> batch in _batches)
        {
            Free.Writer.TryWrite(batch);
        }
    }

    /// <summary>The model's input.</summary>
    public InputSpec Input => _batches[0].Slot.Signature.Input;

    /// <summary>Tickets that all batches hold together.</summary>
    public int TicketCapacity => Size * _batches[0].Slot.Capacity;

    /// <summary>Batches to fill.</summary>
    public Channel<Batch<TTicket>> Free { get; } = Joint(Size);

    /// <summary>
    /// Filled batches. One at most is ahead of the session, or on the device behind the run at hand: what waits longer grows
    /// stale.
    /// </summary>
    public Channel<Batch<TTicket>> Prepared { get; } = Joint(1);

    /// <summary>Set when a batch is prepared, when there will be no more, and when a run has ended.</summary>
    public WakeSignal RunSignal { get; } = new();

    /// <summary>Batches that were run, or will not be.</summary>
    public Channel<Batch<TTicket>> Finished { get; } = Joint(Size);

    /// <summary>Whether to stop: no ticket is taken and no batch is run any more.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>The first fault of a stage.</summary>
    public Exception? Fault => _fault;

    /// <summary>When the oldest turn of a stage with a batch began; null where no batch is there. Any thread may ask.</summary>
    public long? Oldest(BatchStage stage)
    {
        long? oldest = null;
        foreach (Batch<TTicket> batch in _batches)
        {
            oldest = batch.Since(stage) is { } since && !(oldest < since) ? since : oldest;
        }

        return oldest;
    }

    /// <summary>Stops.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Notes a fault and stops.</summary>
    public void Fail(Exception exception)
    {
        Interlocked.CompareExchange(ref _fault, exception, null);
        Stop();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Batch<TTicket> batch in _batches)
        {
            batch.Dispose();
        }

        _stop.Dispose();
    }

    private static Channel<Batch<TTicket>> Joint(int capacity) => Channel.CreateBounded<Batch<TTicket>>(
        new BoundedChannelOptions(capacity) { SingleReader = true, SingleWriter = true });
}
