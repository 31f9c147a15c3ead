using Pipeline.Render.Tests.Recording;

namespace Pipeline.Render.Tests.Fragments;

public sealed class FragmentStageTests : IDisposable
{
    private readonly MadeFragments _made = new();

    public void Dispose() => _made.Dispose();

    [Fact]
    public void Offer_ConsumerThrowsWhatNobodyExpects_IsDegradedAndEndsAllTheSame()
    {
        var consumer = new ThrowingConsumer();
        using var stage = new FragmentStage(consumer, waits: true);
        foreach (EncodedFragment fragment in _made.Make(0, 2))
        {
            stage.Offer(fragment);
        }

        stage.Complete();

        Assert.Equal(4, consumer.Taken);
        Assert.Equal(OutputState.Degraded, stage.Health.State);
        Assert.Equal("nobody expects this", stage.Health.Failure!.Message);
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
