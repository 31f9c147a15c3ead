using System.Threading.Channels;

namespace Pipeline.Render;

/// <summary>
/// One consumer of fragments with its own bounded queue and thread, so that a slow disk holds back no other consumer of the
/// same encoder.
/// </summary>
internal sealed class FragmentStage : IDisposable
{
    /// <summary>Fragments that wait at most: sixteen seconds of video.</summary>
    private const int Capacity = 64;

    private readonly IFragmentConsumer _consumer;
    private readonly bool _waits;
    private readonly Channel<EncodedFragment> _queue = Channel.CreateBounded<EncodedFragment>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });

    private readonly Thread _thread;

    /// <summary>Makes a stage and starts it.</summary>
    /// <param name="consumer">The consumer; the stage completes and disposes it.</param>
    /// <param name="waits">Whether offering waits for a place, as for a file; a live source loses the fragment instead.</param>
    public FragmentStage(IFragmentConsumer consumer, bool waits)
    {
        _consumer = consumer;
        _waits = waits;
        _thread = new Thread(Run) { IsBackground = true, Name = consumer.Health.Name };
        _thread.Start();
    }

    /// <summary>How the consumer is.</summary>
    public OutputHealth Health => _consumer.Health;

    /// <summary>Offers a fragment: the consumer takes a lease of its own, or loses it.</summary>
    public void Offer(EncodedFragment fragment)
    {
        fragment.AddLease();
        if (!_queue.Writer.TryWrite(fragment) && !(_waits && WaitAndWrite(fragment)))
        {
            fragment.Release();
        }
    }

    /// <summary>Says that no more will come, and waits until everything is written and closed.</summary>
    public void Complete()
    {
        _queue.Writer.TryComplete();
        _thread.Join();
    }

    /// <inheritdoc/>
    public void Dispose() => Complete();

    private bool WaitAndWrite(EncodedFragment fragment)
    {
        while (_queue.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult())
        {
            if (_queue.Writer.TryWrite(fragment))
            {
                return true;
            }
        }

        return false;
    }

    private void Run()
    {
        var waiter = new ChannelWaiter<EncodedFragment>(_queue.Reader);
        do
        {
            while (_queue.Reader.TryRead(out EncodedFragment? fragment))
            {
                Guard(() => _consumer.Take(fragment));
                fragment.Release();
            }
        }
        while (waiter.Wait());

        Guard(_consumer.Complete);
        Guard(_consumer.Dispose);
    }

    /// <summary>Whatever a consumer does is its own affair: the encoder and the other consumers go on.</summary>
    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            _consumer.Health.Fail(e);
        }
    }
}
