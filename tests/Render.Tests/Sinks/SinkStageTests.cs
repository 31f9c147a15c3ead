using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Testing;

namespace Pipeline.Render.Tests.Sinks;

/// <summary>A sink that blocks or throws on command, and what becomes of the frames, its own and other sinks'.</summary>
public sealed class SinkStageTests : ISinkObserver, IDisposable
{
    private readonly ScriptedSink _sink = new();
    private readonly List<long> _written = [];
    private readonly ManualTimeProvider _clock = new();
    private int _lost;

    public void Dispose() => _sink.Dispose();

    [Fact]
    public async Task Offer_SinkKeepsUp_WritesEveryFrameInOrder()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(4);
        SinkStage stage = Start(capacity: 4);

        OfferAll(stage, frames, 4);
        await EndAsync(stage);

        Assert.Equal([0, 1, 2, 3], _written);
        Assert.True(_sink.IsComplete && _sink.IsDisposed);
        Assert.Equal(0, _lost);
        Assert.Equal(0, frames.Pool.Leased);
    }

    [Fact]
    public async Task Offer_SinkBlocks_LosesWhatDoesNotFitWithoutWaiting()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(6);
        _sink.Gate = new TaskCompletionSource();
        SinkStage stage = Start(capacity: 2);
        OfferAll(stage, frames, 1);
        await _sink.Begun.Task;

        OfferAll(stage, frames, 6, from: 1);
        Assert.Equal(3, _lost);
        _sink.Gate.SetResult();
        await EndAsync(stage);

        Assert.Equal([0, 1, 2], _written);
        Assert.Equal(0, frames.Pool.Leased);
    }

    [Fact]
    public async Task Offer_SinkThrows_IsDegradedAndLosesFramesUntilItIsTriedAgain()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(6);
        _sink.FailAt = 1;
        SinkStage stage = Start(capacity: 6);

        OfferAll(stage, frames, 3);
        SpinWait.SpinUntil(() => Volatile.Read(ref _lost) == 2);
        Assert.Equal(OutputState.Degraded, stage.Health.State);
        Assert.Equal("the disk is full", stage.Health.Failure!.Message);

        _clock.Advance(TimeSpan.FromSeconds(1));
        OfferAll(stage, frames, 6, from: 3);
        await EndAsync(stage);

        Assert.Equal(OutputState.Ok, stage.Health.State);
        Assert.Null(stage.Health.Failure);
        Assert.Equal([0, 3, 4, 5], _written);
        Assert.Equal(2, _lost);
        Assert.True(_sink.IsDisposed && _sink.IsComplete);
        Assert.Equal(0, frames.Pool.Leased);
    }

    [Fact]
    public async Task Offer_SinkHangs_IsFailedUntilItComesBack()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(4);
        _sink.Gate = new TaskCompletionSource();
        SinkStage stage = Start(capacity: 1);
        OfferAll(stage, frames, 1);
        await _sink.Begun.Task;

        _clock.Advance(TimeSpan.FromSeconds(6));
        OfferAll(stage, frames, 4, from: 1);

        Assert.Equal(OutputState.Failed, stage.Health.State);
        Assert.Contains("has not taken a frame for 6 s", stage.Health.Failure!.Message, StringComparison.Ordinal);
        _sink.Gate.SetResult();
        await EndAsync(stage);
        Assert.Equal(OutputState.Ok, stage.Health.State);
        Assert.Equal([0, 1], _written);
    }

    [Fact]
    public void Dispose_NeverStarted_DisposesTheSink()
    {
        new SinkStage(_sink, new FrameResultQueue("sink", 1, 0), Health(), this, TimeProvider.System).Dispose();

        Assert.True(_sink.IsDisposed);
    }

    [Fact]
    public async Task Completion_SinkCantEvenBeDisposed_EndsAllTheSameAndIsDegraded()
    {
        var sink = new UndisposableSink();
        var stage = new SinkStage(sink, new FrameResultQueue("sink", 1, 0), Health(), this, _clock);
        stage.Start();

        await EndAsync(stage);

        Assert.Equal((OutputState.Degraded, "the folder is gone"), (stage.Health.State, stage.Health.Failure!.Message));
    }

    void ISinkObserver.OnWritten(FrameResult result, TimeSpan elapsed) => _written.Add(result.Frame.Number);

    void ISinkObserver.OnLost(string source) => Interlocked.Increment(ref _lost);

    private static async Task EndAsync(SinkStage stage)
    {
        stage.Queue.Complete();
        await stage.Completion;
    }

    private static void OfferAll(SinkStage stage, TestFrames frames, int to, int from = 0)
    {
        var queue = new FrameResultQueue("render", 1, 0);
        for (int i = from; i < to; i++)
        {
            Assert.True(queue.TryPost(frames[i], TestFrames.Holder, [], TimeSpan.Zero));
            Assert.True(queue.TryTake(out FrameResult? result));
            stage.Offer(result);
            queue.Recycle(result);
        }
    }

    private OutputHealth Health() => new("script", NullLogger.Instance, _clock);

    private SinkStage Start(int capacity)
    {
        var stage = new SinkStage(_sink, new FrameResultQueue("sink", capacity, 0), Health(), this, _clock);
        stage.Start();
        return stage;
    }

    private sealed class UndisposableSink : ISink
    {
        public string Name => "undisposable";

        public bool NeedsPixels => false;

        public void Write(FrameResult result)
        {
        }

        public void Complete()
        {
        }

        public void Dispose() => throw new DirectoryNotFoundException("the folder is gone");
    }

    private sealed class ScriptedSink : ISink
    {
        private int _writes;

        public string Name => "script";

        public bool NeedsPixels => false;

        public TaskCompletionSource? Gate { get; set; }

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int? FailAt { get; set; }

        public bool IsComplete { get; private set; }

        public bool IsDisposed { get; private set; }

        public void Write(FrameResult result)
        {
            Begun.TrySetResult();
            Gate?.Task.GetAwaiter().GetResult();
            if (_writes++ == FailAt)
            {
                throw new OutputException("the disk is full");
            }
        }

        public void Complete() => IsComplete = true;

        public void Dispose() => IsDisposed = true;
    }
}
