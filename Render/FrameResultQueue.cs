using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Pipeline.Capture;
using Pipeline.PostProcess;

namespace Pipeline.Render;

/// <summary>
/// A bounded queue of frames with their detections between two stages. Its places are made once, so that passing a frame
/// allocates nothing. Any number of threads may post; one thread takes.
/// </summary>
/// <remarks>
/// Posting never blocks. A stage that must lose nothing gets a queue as large as the pools of the sources that feed it:
/// then it can't be full, and a slow stage shows as a source that waits for a free frame.
/// </remarks>
public sealed class FrameResultQueue
{
    private readonly Channel<FrameResult> _free;
    private readonly Channel<FrameResult> _filled;
    private readonly ChannelWaiter<FrameResult> _waiter;
    private readonly int _maxDetections;
    private int _capacity;
    private int _waiting;

    /// <summary>Makes a queue.</summary>
    /// <param name="holder">The stage that takes from it: it holds the leases of the frames inside.</param>
    /// <param name="capacity">Places, at least 1.</param>
    /// <param name="maxDetections">Detections a frame can have without the place growing, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below its bound.</exception>
    public FrameResultQueue(string holder, int capacity, int maxDetections)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(maxDetections);
        Holder = holder;
        _maxDetections = maxDetections;

        // Not bounded themselves, so that the queue can grow: the places bound it.
        _free = Channel.CreateUnbounded<FrameResult>();
        _filled = Channel.CreateUnbounded<FrameResult>(
            new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });
        _waiter = new ChannelWaiter<FrameResult>(_filled.Reader);

        // One place more than the capacity: the one in the hand of the taking thread.
        _free.Writer.TryWrite(new FrameResult(holder, maxDetections));
        Grow(capacity);
    }

    /// <summary>The stage that takes from it.</summary>
    public string Holder { get; }

    /// <summary>Frames that fit.</summary>
    public int Capacity => Volatile.Read(ref _capacity);

    /// <summary>Frames that wait.</summary>
    public int Count => Volatile.Read(ref _waiting);

    /// <summary>Makes room for more frames, where there is less: another source feeds the queue. One thread at a time.</summary>
    public void Grow(int capacity)
    {
        for (int places = _capacity; places < capacity; places++)
        {
            _free.Writer.TryWrite(new FrameResult(Holder, _maxDetections));
        }

        Volatile.Write(ref _capacity, Math.Max(capacity, _capacity));
    }

    /// <summary>Puts a frame in, with the lease that the caller holds under the name of <paramref name="from"/>.</summary>
    /// <returns>False where the queue is full or complete: then the lease stays the caller's.</returns>
    public bool TryPost(Frame frame, string from, ReadOnlySpan<Detection> detections, TimeSpan latency)
    {
        // Where several post at once, the number of places is what holds.
        if (Count >= Capacity || !_free.Reader.TryRead(out FrameResult? place))
        {
            return false;
        }

        frame.PassOn(from, Holder);
        place.Fill(frame, detections, latency);
        Interlocked.Increment(ref _waiting);
        if (_filled.Writer.TryWrite(place))
        {
            return true;
        }

        Interlocked.Decrement(ref _waiting);
        frame.AddLease(from);
        Recycle(place);
        return false;
    }

    /// <summary>Waits for the next frame; give it back with <see cref="Recycle"/>.</summary>
    /// <returns>False once the queue is complete and empty.</returns>
    public bool TryTake([NotNullWhen(true)] out FrameResult? result)
    {
        do
        {
            if (_filled.Reader.TryRead(out result))
            {
                Interlocked.Decrement(ref _waiting);
                return true;
            }
        }
        while (_waiter.Wait());

        return false;
    }

    /// <summary>Gives a taken frame's lease and its place back.</summary>
    public void Recycle(FrameResult result)
    {
        result.Empty();
        _free.Writer.TryWrite(result);
    }

    /// <summary>Says that nothing more will be posted.</summary>
    public void Complete() => _filled.Writer.TryComplete();
}
