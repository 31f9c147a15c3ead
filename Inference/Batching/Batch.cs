namespace Pipeline.Inference;

/// <summary>
/// A slot on its way round, with the tickets whose images are in it. One stage at a time holds it: prepare fills it,
/// run runs it, decode empties it.
/// </summary>
/// <typeparam name="TTicket">The ticket.</typeparam>
internal sealed class Batch<TTicket> : IDisposable
    where TTicket : IBatchTicket
{
    /// <summary>The tickets, in the order in which they were taken.</summary>
    private readonly TTicket[] _tickets;

    /// <summary>What went wrong with each ticket's image; null where it is in the slot.</summary>
    private readonly Exception?[] _failures;

    /// <summary>Whose turn it is with the batch.</summary>
    private volatile BatchStage _stage;

    /// <summary>Since when.</summary>
    private long _since;

    /// <summary>An empty batch.</summary>
    /// <param name="slot">Its slot; from now on the batch's.</param>
    public Batch(BatchSlot slot)
    {
        Slot = slot;
        _tickets = new TTicket[slot.Capacity];
        _failures = new Exception?[slot.Capacity];
    }

    /// <summary>The memory.</summary>
    public BatchSlot Slot { get; private set; }

    /// <summary>Its number on this way round: 1 for the first batch of all.</summary>
    public long Number { get; set; }

    /// <summary>Tickets in the batch, those whose image failed among them.</summary>
    public int Count { get; private set; }

    /// <summary>Whether no more tickets fit.</summary>
    public bool IsFull => Count == _tickets.Length;

    /// <summary>What made the run of the whole batch fail.</summary>
    public Exception? RunFailure { get; set; }

    /// <summary>Whether batching was stopped before the batch was run.</summary>
    public bool IsStopped { get; set; }

    /// <summary>It is another stage's turn. The stage that has the batch says so.</summary>
    /// <param name="stage">That stage.</param>
    /// <param name="timestamp">The time stamp of now.</param>
    public void Enter(BatchStage stage, long timestamp)
    {
        // The time first: who reads the stage reads a time that is not older.
        Volatile.Write(ref _since, timestamp);
        _stage = stage;
    }

    /// <summary>Since when a stage has had its turn with the batch; null where it is another's. Any thread may ask.</summary>
    public long? Since(BatchStage stage) => _stage == stage ? Volatile.Read(ref _since) : null;

    /// <summary>Adds a ticket and writes its image into the slot.</summary>
    /// <param name="ticket">The ticket.</param>
    /// <param name="preprocessor">Writes the image.</param>
    /// <returns>Whether the image is in the slot; otherwise the ticket comes back as failed.</returns>
    public bool Add(TTicket ticket, Preprocessor preprocessor)
    {
        _tickets[Count] = ticket;
        Count++;
        try
        {
            preprocessor.Run(ticket.Image, Slot.Input(Slot.ImageCount));
            Slot.ImageCount++;
            return true;
        }
        catch (ArgumentException exception)
        {
            _failures[Count - 1] = exception;
            return false;
        }
    }

    /// <summary>A ticket of the batch.</summary>
    /// <param name="index">Its index, below <see cref="Count"/>.</param>
    public TTicket Ticket(int index) => _tickets[index];

    /// <summary>What went wrong with a ticket: its image, or the run of all; null where there are outputs.</summary>
    /// <param name="index">Its index, below <see cref="Count"/>.</param>
    public Exception? Failure(int index) => _failures[index] ?? RunFailure;

    /// <summary>Forgets the tickets, which have come back.</summary>
    public void Clear()
    {
        Array.Clear(_tickets, 0, Count);
        Array.Clear(_failures, 0, Count);
        Count = 0;
        Slot.ImageCount = 0;
        RunFailure = null;
        IsStopped = false;
        _stage = BatchStage.Free;
    }

    /// <summary>Leaves the slot to a run that has not come back, and takes another.</summary>
    /// <param name="slot">The other slot; from now on the batch's.</param>
    public void AbandonSlot(BatchSlot slot)
    {
        // Its memory stays until the run comes back, if it ever does.
        Slot.Dispose();
        Slot = slot;
    }

    /// <inheritdoc/>
    public void Dispose() => Slot.Dispose();
}
