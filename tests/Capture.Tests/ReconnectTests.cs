using System.Collections.Concurrent;
using Pipeline.Testing;

namespace Pipeline.Capture.Tests;

/// <summary>A reader over made-up connections, on a clock that the test moves.</summary>
public sealed class ReconnectTests : IDisposable
{
    private static readonly SourceReaderOptions Camera = new(Latest: true, Pace: false, Loop: false, MaximumFrames: null);
    private static readonly FakeStep Picture = new();

    private readonly ManualTimeProvider _time = new();
    private readonly FramePool _pool = new(4);
    private readonly CancellationTokenSource _stop = new();
    private readonly Recorder _recorder = new();
    private readonly ConcurrentQueue<Func<SourceWatch, IFrameSource>> _connections = [];

    public void Dispose()
    {
        _stop.Dispose();
        _pool.Dispose();
    }

    [Fact]
    public async Task Run_LostAgainAndAgain_ComesBackEachTimeWithRisingNumbersAndTimes()
    {
        for (int i = 0; i < 3; i++)
        {
            _connections.Enqueue(watch => new FakeSource(watch, [Picture, Picture, Broken("pulled")]));
        }

        SourceReader reader = Start(Camera with { MaximumFrames = 6 });
        await AdvanceUntil(() => reader.Completion.IsCompleted);

        Assert.Equal(SourceState.Ended, reader.State);
        Assert.Equal(2, reader.Reconnects);
        Assert.Equal([0L, 1, 2, 3, 4, 5], _recorder.Frames.Select(frame => frame.Number));
        Assert.Equal([0, 0, 1, 1, 2, 2], _recorder.Segments);
        Assert.All(_recorder.Frames.Zip(_recorder.Frames.Skip(1)), pair => Assert.True(pair.First.Time < pair.Second.Time));
        Assert.Null(reader.Failure);
    }

    [Fact]
    public async Task Run_NotThereAtFirst_IsLiveOnceItIs()
    {
        _connections.Enqueue(_ => throw new SourceException("nothing listens"));
        _connections.Enqueue(_ => throw new SourceException("nothing listens"));
        _connections.Enqueue(watch => new FakeSource(watch, [Picture]));

        SourceReader reader = Start(Camera with { MaximumFrames = 1 });
        await AdvanceUntil(() => reader.Completion.IsCompleted);

        Assert.Equal(
            [SourceState.BackingOff, SourceState.Opening, SourceState.BackingOff, SourceState.Opening, SourceState.Live, SourceState.Ended],
            _recorder.Changes.Select(change => change.To));
        Assert.Equal(2, _recorder.Changes.Count(change => change.IsNews));
    }

    [Fact]
    public async Task Stop_NeverThere_FailsWithTheLastReason()
    {
        SourceReader reader = Start(Camera);
        await AdvanceUntil(() => _recorder.Changes.Count > 8);
        _stop.Cancel();
        await AdvanceUntil(() => reader.Completion.IsCompleted);

        Assert.Equal(SourceState.Failed, reader.State);
        Assert.Equal("nobody is there", reader.Failure);
    }

    [Fact]
    public async Task Stop_AwayAfterItHadDelivered_EndsWithAWarning()
    {
        _connections.Enqueue(watch => new FakeSource(watch, [Picture, Broken("pulled")]));

        SourceReader reader = Start(Camera);
        await AdvanceUntil(() => _recorder.Changes.Count > 4);
        _stop.Cancel();
        await AdvanceUntil(() => reader.Completion.IsCompleted);

        Assert.Equal(SourceState.Ended, reader.State);
        Assert.Null(reader.Failure);
        Assert.Contains("nobody is there", reader.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CallThatNeverReturns_IsLeftBehindAndTheSourceGoesOn()
    {
        using var hang = new ManualResetEventSlim();
        var closed = new TaskCompletionSource();
        _connections.Enqueue(watch => new FakeSource(watch, [Picture, new FakeStep(Hang: hang)], closed.SetResult));
        _connections.Enqueue(watch => new FakeSource(watch, [Picture]));

        SourceReader reader = Start(Camera with { MaximumFrames = 2 });
        await AdvanceUntil(() => reader.Completion.IsCompleted);

        Assert.Equal(1, reader.HungCalls);
        Assert.Equal(1, _recorder.HungCalls);
        Assert.False(reader.IsHung);
        Assert.Equal(2, _recorder.Frames.Count);
        Assert.Contains(_recorder.Changes, change => change is { From: SourceState.Live, To: SourceState.Stalled });

        // The call returns long after: its thread closes what it had opened, and brings no frame.
        Assert.False(closed.Task.IsCompleted);
        hang.Set();
        await closed.Task;
        Assert.Equal(2, _recorder.Frames.Count);
        Assert.Equal(0, _pool.Leased);
    }

    [Fact]
    public async Task Run_StalledForAMoment_BeginsANewSegment()
    {
        using var silence = new ManualResetEventSlim();
        _connections.Enqueue(watch => new FakeSource(watch, [Picture, Picture, new FakeStep(Hang: silence), Picture]));

        SourceReader reader = Start(Camera with { MaximumFrames = 4 });
        await AdvanceUntil(() => reader.State == SourceState.Stalled);
        silence.Set();
        await AdvanceUntil(() => reader.Completion.IsCompleted);

        Assert.Equal(0, reader.Reconnects);
        Assert.Equal([0, 0, 1, 1], _recorder.Segments);
    }

    [Fact]
    public async Task Run_MoreHungCallsThanAllowed_GivesUp()
    {
        using var hang = new ManualResetEventSlim();
        for (int i = 0; i < 4; i++)
        {
            _connections.Enqueue(watch => new FakeSource(watch, [Picture, new FakeStep(Hang: hang)]));
        }

        SourceReader reader = Start(Camera);
        await AdvanceUntil(() => reader.Completion.IsCompleted);
        hang.Set();

        Assert.Equal(SourceState.Failed, reader.State);
        Assert.True(reader.IsHung);
        Assert.Equal(3, reader.HungCalls);
        Assert.Contains("did not return", reader.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_WhileACallHangs_EndsAfterAMomentWithoutIt()
    {
        using var hang = new ManualResetEventSlim();
        _connections.Enqueue(watch => new FakeSource(watch, [Picture, new FakeStep(Before: _stop.Cancel, Hang: hang)]));

        SourceReader reader = Start(Camera);
        await AdvanceUntil(() => reader.Completion.IsCompleted);
        hang.Set();

        Assert.Equal(SourceState.Ended, reader.State);
        Assert.Equal(0, reader.HungCalls);
    }

    [Fact]
    public async Task Run_OnlyEmptyPictures_IsGivenUpAndTriedAgain()
    {
        _connections.Enqueue(watch => new FakeSource(watch, Endless(new FakeStep(Before: () => Thread.Yield(), Empty: true)).Prepend(Picture)));
        _connections.Enqueue(watch => new FakeSource(watch, [Picture]));

        SourceReader reader = Start(Camera);
        await AdvanceUntil(() => reader.Reconnects == 1);
        _stop.Cancel();
        await AdvanceUntil(() => reader.Completion.IsCompleted);

        Assert.Equal(0, reader.HungCalls);
        Assert.Contains(_recorder.Changes, change => change.Reason?.Contains("no picture that can be read", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Run_PipelineHoldsTheFrame_IsNoStall()
    {
        using var hold = new ManualResetEventSlim();
        var received = new TaskCompletionSource();
        var recorder = new Recorder
        {
            OnFrame = frame =>
            {
                frame.Dispose();
                received.TrySetResult();
                hold.Wait();
            },
        };
        _connections.Enqueue(watch => new FakeSource(watch, [Picture]));
        SourceReader reader = Start(Camera with { MaximumFrames = 1 }, recorder);
        await received.Task;

        for (int i = 0; i < 240; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.25));
            await Task.Yield();
        }

        Assert.Equal(SourceState.Live, reader.State);
        hold.Set();
        await AdvanceUntil(() => reader.Completion.IsCompleted);
        Assert.Equal(0, reader.HungCalls);
    }

    private static FakeStep Broken(string reason) => new(Fault: new SourceException(reason));

    private static IEnumerable<FakeStep> Endless(FakeStep step)
    {
        while (true)
        {
            yield return step;
        }
    }

    private SourceReader Start(SourceReaderOptions options, Recorder? recorder = null)
    {
        var reader = new SourceReader(
            SourceAddress.Parse("rtsp://camera/live"), "camera", options, _pool, recorder ?? _recorder, _time, new FixedRandom(0), Open);
        reader.Start(_stop.Token);
        return reader;
    }

    private IFrameSource Open(SourceWatch watch, CancellationToken cancellationToken) =>
        _connections.TryDequeue(out Func<SourceWatch, IFrameSource>? open) ? open(watch) : throw new SourceException("nobody is there");

    /// <summary>Moves the clock on until something is so; the threads of the reader run meanwhile.</summary>
    private async Task AdvanceUntil(Func<bool> condition)
    {
        long real = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(real) < TimeSpan.FromSeconds(30), "It did not come to that.");
            _time.Advance(TimeSpan.FromSeconds(0.05));

            // Other threads must have their turn between two steps, or the clock runs away from them.
            await Task.Delay(1);
        }
    }
}
