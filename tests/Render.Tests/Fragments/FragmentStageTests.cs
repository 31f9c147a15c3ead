using Pipeline.Render.Tests.Recording;
using Pipeline.Testing;

namespace Pipeline.Render.Tests.Fragments;

public sealed class FragmentStageTests : IDisposable
{
    private readonly MadeFragments _made = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly LineLogger _log = new();

    public void Dispose() => _made.Dispose();

    [Fact]
    public void Offer_ConsumerThrowsWhatNobodyExpects_IsDegradedAndEndsAllTheSame()
    {
        var consumer = new ThrowingConsumer();
        using var stage = new FragmentStage(consumer, waits: true, _log, _clock);
        foreach (EncodedFragment fragment in _made.Make(0, 2))
        {
            stage.Offer(fragment);
        }

        stage.Complete();

        Assert.Equal(4, consumer.Taken);
        Assert.Equal(OutputState.Degraded, stage.Health.State);
        Assert.Equal("nobody expects this", stage.Health.Failure!.Message);
    }

    [Fact]
    public void Offer_ConsumerThatHangs_IsFailedAndWhatIsLostIsSaidOnceAndCounted()
    {
        using var consumer = new HangingConsumer(_log, _clock);
        using var stage = new FragmentStage(consumer, waits: false, _log, _clock);
        EncodedFragment[] fragments = _made.Make(0, 40);
        stage.Offer(fragments[0]);
        consumer.Begun.Wait();
        Array.ForEach(fragments[1..65], stage.Offer);
        Assert.Empty(_log.Lines);

        Array.ForEach(fragments[65..68], stage.Offer);
        Assert.Contains("slower than the video", Assert.Single(_log.Lines), StringComparison.Ordinal);
        Assert.Equal(OutputState.Ok, stage.Health.State);

        _clock.Advance(TimeSpan.FromSeconds(6));
        stage.Offer(fragments[68]);
        Assert.Equal(OutputState.Failed, stage.Health.State);
        consumer.GoOn.Set();
        stage.Complete();

        Assert.Equal(65, consumer.Taken);
        Assert.Equal(OutputState.Ok, stage.Health.State);
        Assert.Contains(_log.Lines, line => line.Contains("lost 4 pieces", StringComparison.Ordinal));
    }

    [Fact]
    public void Offer_ConsumerThatStaysTooSlow_SaysSoOnceAndCountsAtTheEnd()
    {
        using var consumer = new SteppingConsumer(_log, _clock);
        using var stage = new FragmentStage(consumer, waits: false, _log, _clock);
        EncodedFragment[] fragments = _made.Make(0, 50);
        stage.Offer(fragments[0]);
        consumer.Begun.Wait();
        Array.ForEach(fragments[1..65], stage.Offer);

        // One of two is lost, since it takes one while two come.
        foreach (EncodedFragment[] pair in fragments[65..85].Chunk(2))
        {
            stage.Offer(pair[0]);
            consumer.Steps.Release();
            consumer.Begun.Wait();
            stage.Offer(pair[1]);
        }

        IReadOnlyList<string> said = _log.Lines;
        consumer.Steps.Release(fragments.Length);
        stage.Complete();

        Assert.Contains("slower than the video", Assert.Single(said), StringComparison.Ordinal);
        Assert.Equal(75, consumer.Taken);
        Assert.Contains("lost 10 pieces", _log.Lines[^1], StringComparison.Ordinal);
    }

    private sealed class SteppingConsumer(LineLogger log, TimeProvider time) : IFragmentConsumer
    {
        public SemaphoreSlim Begun { get; } = new(0);

        public SemaphoreSlim Steps { get; } = new(0);

        public OutputHealth Health { get; } = new("stepping", log, time);

        public int Taken { get; private set; }

        public void Take(EncodedFragment fragment)
        {
            Begun.Release();
            Steps.Wait();
            Taken++;
        }

        public void Complete()
        {
        }

        public void Dispose()
        {
            // The stage disposes it before the test is done with it; nothing of it is shared.
        }
    }

    private sealed class HangingConsumer(LineLogger log, TimeProvider time) : IFragmentConsumer
    {
        public ManualResetEventSlim Begun { get; } = new();

        public ManualResetEventSlim GoOn { get; } = new();

        public OutputHealth Health { get; } = new("hanging", log, time);

        public int Taken { get; private set; }

        public void Take(EncodedFragment fragment)
        {
            Begun.Set();
            GoOn.Wait();
            Taken++;
            Health.Work();
        }

        public void Complete()
        {
        }

        public void Dispose()
        {
            // The stage disposes it before the test is done with it; nothing of it is shared.
        }
    }

    private sealed class ThrowingConsumer : IFragmentConsumer
    {
        public OutputHealth Health { get; } = new("throwing", new LineLogger(), TimeProvider.System);

        public int Taken { get; private set; }

        public void Take(EncodedFragment fragment)
        {
            Taken++;
            throw new InvalidOperationException("nobody expects this");
        }

        public void Complete()
        {
        }

        public void Dispose()
        {
        }
    }
}
