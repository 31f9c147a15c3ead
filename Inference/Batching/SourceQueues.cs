namespace Pipeline.Inference;

/// <summary>
/// The queues of all sources, served in turn, so that a fast source cannot push out a slow one: whoever was served last
/// comes last. Sources may come and go at any time, from any thread; one consumer takes.
/// </summary>
/// <typeparam name="TTicket">The ticket.</typeparam>
public sealed class SourceQueues<TTicket>
    where TTicket : IBatchTicket
{
    /// <summary>
    /// A file's queue: enough to bridge a slow frame of its decoder, little enough to keep memory small.
    /// </summary>
    public const int DefaultFileCapacity = 8;

    /// <summary>Set while something may be there to take; the consumer waits for it.</summary>
    private readonly WakeSignal _signal = new();

    /// <summary>Held while <see cref="_queues"/> is replaced.</summary>
    private readonly Lock _replacing = new();

    /// <summary>The queues that are not drained; replaced as a whole, so that the consumer needs no lock.</summary>
    private volatile SourceQueue<TTicket>[] _queues = [];

    /// <summary>Where in <see cref="_queues"/> the next taking begins.</summary>
    private int _next;

    /// <summary>Whether some queue was completed and is still here. Changes under <see cref="_replacing"/>.</summary>
    private volatile bool _hasEnding;

    /// <summary>When a ticket was last taken.</summary>
    private long _lastTaken;

    /// <summary>Whether no more queues will come. Changes under <see cref="_replacing"/>.</summary>
    private volatile bool _isComplete;

    /// <summary>No queues yet.</summary>
    /// <param name="observer">Gets every ticket back, dropped here or run by the batcher.</param>
    /// <param name="time">Tells how long tickets wait.</param>
    public SourceQueues(IBatchObserver<TTicket> observer, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(observer);
        ArgumentNullException.ThrowIfNull(time);
        Observer = observer;
        Time = time;
    }

    /// <summary>Gets every ticket back.</summary>
    internal IBatchObserver<TTicket> Observer { get; }

    /// <summary>Tells how long tickets wait.</summary>
    internal TimeProvider Time { get; }

    /// <summary>
    /// How long no ticket has been taken although one waits; zero where none waits. That a live source's newest ticket
    /// takes the place of another does not make it shorter.
    /// </summary>
    internal TimeSpan Standstill
    {
        get
        {
            long since = long.MaxValue;
            foreach (SourceQueue<TTicket> queue in _queues)
            {
                since = queue.Count > 0 ? Math.Min(since, queue.WaitingSince) : since;
            }

            return since == long.MaxValue
                ? TimeSpan.Zero
                : Time.GetElapsedTime(Math.Max(since, Volatile.Read(ref _lastTaken)));
        }
    }

    /// <summary>Whether no ticket waits and none will: complete, and every queue drained.</summary>
    internal bool IsDrained => _isComplete && _queues.Length == 0;

    /// <summary>Adds a queue for a live source: it holds the newest ticket only.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Complete"/> was called.</exception>
    public SourceQueue<TTicket> AddLive() => Add(new SourceQueue<TTicket>(this, capacity: 1, keepNewest: true));

    /// <summary>Adds a queue for a source that loses nothing and waits instead.</summary>
    /// <param name="capacity">Tickets that it holds, at least 1.</param>
    /// <exception cref="InvalidOperationException"><see cref="Complete"/> was called.</exception>
    public SourceQueue<TTicket> AddFile(int capacity = DefaultFileCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        return Add(new SourceQueue<TTicket>(this, capacity, keepNewest: false));
    }

    /// <summary>No more queues will be added: once all are completed and empty, batching ends.</summary>
    public void Complete()
    {
        lock (_replacing)
        {
            _isComplete = true;
        }

        Signal();
    }

    /// <summary>Wakes the consumer.</summary>
    internal void Signal() => _signal.Set();

    /// <summary>Gives a ticket back.</summary>
    internal void Drop(TTicket ticket, DropReason reason) => Observer.OnDropped(ticket, reason);

    /// <summary>Takes the next ticket in turn, if any waits. One consumer.</summary>
    internal bool TryTake(out TTicket ticket)
    {
        if (_hasEnding)
        {
            ForgetDrained();
        }

        SourceQueue<TTicket>[] queues = _queues;
        for (int i = 0; i < queues.Length; i++)
        {
            int index = (_next + i) % queues.Length;
            if (queues[index].TryTake(out ticket))
            {
                _next = index + 1;
                Volatile.Write(ref _lastTaken, Time.GetTimestamp());
                return true;
            }
        }

        ticket = default!;
        return false;
    }

    /// <summary>Waits until there may be something to take, or the last queue may be drained. One consumer.</summary>
    internal ValueTask<bool> WaitAsync() => _signal.WaitAsync();

    /// <summary>Closes every queue and drops what waits.</summary>
    internal void Close()
    {
        Complete();
        foreach (SourceQueue<TTicket> queue in _queues)
        {
            queue.Close();
        }
    }

    private SourceQueue<TTicket> Add(SourceQueue<TTicket> queue)
    {
        lock (_replacing)
        {
            if (_isComplete)
            {
                throw new InvalidOperationException("No sources can be added any more.");
            }

            _queues = [.. _queues, queue];
        }

        return queue;
    }

    /// <summary>A queue gets no more tickets, and is to be forgotten once it is drained.</summary>
    internal void NoteCompleted()
    {
        lock (_replacing)
        {
            _hasEnding = true;
        }

        Signal();
    }

    private void ForgetDrained()
    {
        if (!Array.Exists(_queues, static queue => queue.IsDrained))
        {
            return;
        }

        lock (_replacing)
        {
            SourceQueue<TTicket>[] remaining = [.. _queues.Where(queue => !queue.IsDrained)];

            // The turn stays where it is among those that remain.
            _next = _queues.Take(_next).Count(remaining.Contains);
            _queues = remaining;
            _hasEnding = Array.Exists(remaining, queue => queue.IsCompleted);
        }
    }
}
