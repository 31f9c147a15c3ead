using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Pipeline.Render;

/// <summary>
/// One consumer of fragments with its own bounded queue and thread, so that a slow disk holds back no other consumer of the
/// same encoder.
/// </summary>
internal sealed partial class FragmentStage : IDisposable
{
    /// <summary>Taking a fragment for longer is no slowness of a disk.</summary>
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(5);

    /// <summary>Fragments that wait at most: sixteen seconds of video.</summary>
    private const int Capacity = 64;

    private readonly IFragmentConsumer _consumer;
    private readonly bool _waits;
    private readonly ILogger _logger;
    private readonly WorkClock _work;
    private readonly Channel<EncodedFragment> _queue = Channel.CreateBounded<EncodedFragment>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });

    private readonly Thread _thread;

    /// <summary>Fragments lost since the consumer last kept up; the offering thread's.</summary>
    private long _lost;

    /// <summary>Makes a stage and starts it.</summary>
    /// <param name="consumer">The consumer; the stage completes and disposes it.</param>
    /// <param name="waits">Whether offering waits for a place, as for a file; a live source loses the fragment instead.</param>
    /// <param name="logger">Where losses are told.</param>
    /// <param name="time">The clock that measures the taking.</param>
    public FragmentStage(IFragmentConsumer consumer, bool waits, ILogger logger, TimeProvider time)
    {
        _consumer = consumer;
        _waits = waits;
        _logger = logger;
        _work = new WorkClock(time);
        _thread = new Thread(Run) { IsBackground = true, Name = consumer.Health.Name };
        _thread.Start();
    }

    /// <summary>How the consumer is.</summary>
    public OutputHealth Health => _consumer.Health;

    /// <summary>Offers a fragment: the consumer takes a lease of its own, or loses it.</summary>
    public void Offer(EncodedFragment fragment)
    {
        fragment.AddLease();
        if (_queue.Writer.TryWrite(fragment) || (_waits && WaitAndWrite(fragment)))
        {
            // Where each place that becomes free is filled at once, more is about to be lost.
            if (_lost > 0 && _queue.Reader.Count <= Capacity / 2)
            {
                TellEndOfLoss();
            }

            return;
        }

        fragment.Release();
        TellLoss();
    }

    /// <summary>Says that no more will come, and waits until everything is written and closed.</summary>
    public void Complete()
    {
        _queue.Writer.TryComplete();
        _thread.Join();
        TellEndOfLoss();
    }

    /// <inheritdoc/>
    public void Dispose() => Complete();

    /// <summary>Says once that the consumer loses what comes, and notes where it does not come back at all.</summary>
    private void TellLoss()
    {
        if (_lost++ == 0)
        {
            Log.Loses(_logger, Health.Name);
        }

        if (_work.Standstill is var standstill && standstill > HangLimit)
        {
            Health.Hang(standstill);
        }
    }

    private void TellEndOfLoss()
    {
        if (_lost > 0)
        {
            Log.HasLost(_logger, Health.Name, _lost);
            _lost = 0;
        }
    }

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
                _work.Begin();
                Guard(() => _consumer.Take(fragment));
                _work.End();
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

    private static partial class Log
    {
        [LoggerMessage(45, LogLevel.Warning, "{Output} is slower than the video: sixteen seconds wait for it, and what does not fit is lost.")]
        public static partial void Loses(ILogger logger, string output);

        [LoggerMessage(46, LogLevel.Warning, "{Output} has lost {Count} pieces of video, of a quarter of a second each.")]
        public static partial void HasLost(ILogger logger, string output, long count);
    }
}
