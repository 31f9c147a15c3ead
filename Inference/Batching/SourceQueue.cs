using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Pipeline.Inference;

/// <summary>
/// One source's way into the batches. A live source's queue holds its newest ticket and drops the one before; a file's
/// queue makes the writer wait. One writer; <see cref="Complete"/> from any thread.
/// </summary>
/// <typeparam name="TTicket">The ticket.</typeparam>
public sealed class SourceQueue<TTicket>
    where TTicket : IBatchTicket
{
    /// <summary>The queues that this one belongs to.</summary>
    private readonly SourceQueues<TTicket> _queues;

    /// <summary>The tickets.</summary>
    private readonly Channel<TTicket> _channel;

    /// <summary>Whether nothing more will come.</summary>
    private volatile bool _isCompleted;

    /// <summary>When a ticket last came into the empty queue.</summary>
    private long _waitingSince;

    /// <summary>A queue.</summary>
    /// <param name="queues">The queues that it belongs to.</param>
    /// <param name="capacity">Tickets that it holds.</param>
    /// <param name="keepNewest">Whether a full queue drops its oldest ticket; otherwise the writer waits.</param>
    internal SourceQueue(SourceQueues<TTicket> queues, int capacity, bool keepNewest)
    {
        _queues = queues;
        Capacity = capacity;
        var options = new BoundedChannelOptions(capacity)
        {
            SingleWriter = true,
            FullMode = keepNewest ? BoundedChannelFullMode.DropOldest : BoundedChannelFullMode.Wait,
        };
        _channel = Channel.CreateBounded(options, (TTicket ticket) => queues.Drop(ticket, DropReason.Superseded));
    }

    /// <summary>Tickets that the queue holds at most.</summary>
    public int Capacity { get; }

    /// <summary>Tickets that wait.</summary>
    public int Count => _channel.Reader.Count;

    /// <summary>Since when, at the longest, something has waited; of no meaning where nothing does.</summary>
    internal long WaitingSince => Volatile.Read(ref _waitingSince);

    /// <summary>Whether nothing more will come.</summary>
    internal bool IsCompleted => _isCompleted;

    /// <summary>Whether nothing waits and nothing will.</summary>
    internal bool IsDrained => _channel.Reader.Completion.IsCompleted;

    /// <summary>Queues a ticket without waiting.</summary>
    /// <param name="ticket">The ticket.</param>
    /// <returns>
    /// True: the queue has the ticket now. False: the queue is closed, or is a file's and full; the caller still has
    /// it.
    /// </returns>
    public bool TryWrite(TTicket ticket)
    {
        // Before the ticket is in, so that none is in without its time.
        if (Count == 0)
        {
            Volatile.Write(ref _waitingSince, _queues.Time.GetTimestamp());
        }

        if (!_channel.Writer.TryWrite(ticket))
        {
            return false;
        }

        _queues.Signal();
        return true;
    }

    /// <summary>Queues a ticket, and waits for room. Does not allocate. Closing the queue ends the waiting.</summary>
    /// <param name="ticket">The ticket.</param>
    /// <returns>True: the queue has the ticket now. False: the queue is closed; the caller still has it.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WriteAsync(TTicket ticket)
    {
        do
        {
            if (TryWrite(ticket))
            {
                return true;
            }
        }
        while (await _channel.Writer.WaitToWriteAsync());
        return false;
    }

    /// <summary>Nothing more will come; what waits is still run. To be called when its source has ended, or is removed.</summary>
    public void Complete()
    {
        _channel.Writer.TryComplete();
        _isCompleted = true;
        _queues.NoteCompleted();
    }

    /// <summary>Takes the next ticket, if one waits.</summary>
    internal bool TryTake(out TTicket ticket) => _channel.Reader.TryRead(out ticket!);

    /// <summary>Closes the queue and drops what waits.</summary>
    internal void Close()
    {
        Complete();
        while (TryTake(out TTicket ticket))
        {
            _queues.Drop(ticket, DropReason.Stopped);
        }
    }
}
