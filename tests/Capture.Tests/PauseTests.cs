using Pipeline.Testing;

namespace Pipeline.Capture.Tests;

/// <summary>Pausing a source: what is live is closed and opened again, a file is held.</summary>
public sealed class PauseTests : IDisposable
{
    private static readonly SourceReaderOptions Camera = new(Latest: true, Pace: false, Loop: false, MaximumFrames: null);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FramePool _pool = new(4);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _frames = new(0);
    private readonly Recorder _recorder;
    private volatile int _open;
    private volatile bool _isThere = true;

    public PauseTests() => _recorder = new Recorder
    {
        OnFrame = frame =>
        {
            frame.Dispose();
            _frames.Release();
        },
    };

    public void Dispose()
    {
        _stop.Dispose();
        _pool.Dispose();
        _frames.Dispose();
    }

    [Fact]
    public async Task PauseAsync_LiveCamera_ClosesItAndResumeOpensItAgain()
    {
        SourceReader reader = StartCamera();
        await FramesAsync(3);

        await reader.PauseAsync().WaitAsync(Patience);
        long paused = reader.FramesGrabbed;
        Assert.Equal((SourceState.Paused, 0), (reader.State, _open));

        reader.Resume();
        await FramesAsync((int)paused + 3);
        await _stop.CancelAsync();
        await reader.Completion.WaitAsync(Patience);

        Assert.Equal(SourceState.Ended, reader.State);
        Assert.Equal(0, reader.Reconnects);
        Assert.Equal(
            [SourceState.Live, SourceState.Paused, SourceState.Opening, SourceState.Live, SourceState.Ended],
            _recorder.Changes.Select(change => change.To));
        Assert.Equal(Enumerable.Range(0, _recorder.Frames.Count).Select(n => (long)n), _recorder.Frames.Select(frame => frame.Number));
        Assert.All(_recorder.Frames.Zip(_recorder.Frames.Skip(1)), pair => Assert.True(pair.First.Time < pair.Second.Time));
        Assert.Equal(0, _pool.Leased);
    }

    [Fact]
    public async Task PauseAsync_CameraThatIsAway_StopsTryingUntilItIsResumed()
    {
        _isThere = false;
        SourceReader reader = StartCamera();

        await reader.PauseAsync().WaitAsync(Patience);
        Assert.Equal((SourceState.Paused, null), (reader.State, reader.Trouble));

        _isThere = true;
        reader.Resume();
        await FramesAsync(1);
        await _stop.CancelAsync();
        await reader.Completion.WaitAsync(Patience);
        Assert.Equal(SourceState.Ended, reader.State);
    }

    [Fact]
    public async Task Resume_AtOnceAfterPause_LeavesNobodyWaiting()
    {
        SourceReader reader = StartCamera();
        for (int i = 0; i < 50; i++)
        {
            Task paused = reader.PauseAsync();
            reader.Resume();
            await paused.WaitAsync(Patience);
        }

        await FramesAsync(1);
        await _stop.CancelAsync();
        await reader.Completion.WaitAsync(Patience);
        Assert.Null(reader.Failure);
    }

    [Fact]
    public async Task Stop_WhilePaused_EndsWithoutAnError()
    {
        SourceReader reader = StartCamera();
        await reader.PauseAsync().WaitAsync(Patience);

        await _stop.CancelAsync();
        await reader.Completion.WaitAsync(Patience);

        Assert.Equal((SourceState.Ended, null), (reader.State, reader.Failure));
    }

    [Fact]
    public async Task PauseAsync_File_HoldsItAndLosesNothing()
    {
        var options = new SourceReaderOptions(Latest: false, Pace: false, Loop: false, MaximumFrames: 60);
        var reader = new SourceReader(SourceAddress.Parse(Repository.SampleVideo), "film", options, _pool, _recorder, TimeProvider.System);
        reader.Start(_stop.Token);
        await FramesAsync(10);

        await reader.PauseAsync().WaitAsync(Patience);
        Assert.True(reader.State is SourceState.Paused or SourceState.Ended);
        reader.Resume();
        await reader.Completion.WaitAsync(Patience);

        Assert.Equal(Enumerable.Range(0, 60).Select(n => (long)n), _recorder.Frames.Select(frame => frame.Number));
        Assert.Equal((SourceState.Ended, null), (reader.State, reader.Warning));
    }

    [Fact]
    public async Task PauseAsync_NoFrameFree_TheFrameThatWasNotTakenHasNoNumber()
    {
        using var pool = new FramePool(1);
        var held = new TaskCompletionSource<Frame>();
        var numbers = new List<long>();
        var recorder = new Recorder
        {
            OnFrame = frame =>
            {
                numbers.Add(frame.Number);
                if (!held.TrySetResult(frame))
                {
                    frame.Dispose();
                    _frames.Release();
                }
            },
        };
        var reader = new SourceReader(
            SourceAddress.Parse("test://16x16@1000"), "test", Camera with { Latest = false }, pool, recorder, TimeProvider.System);
        reader.Start(_stop.Token);
        Frame first = await held.Task.WaitAsync(Patience);

        // The reader has the next picture, or will have, and waits for the pool's only frame.
        await reader.PauseAsync().WaitAsync(Patience);
        Assert.Equal(1, reader.FramesGrabbed);
        first.Dispose();
        reader.Resume();
        await FramesAsync(5);
        await _stop.CancelAsync();
        await reader.Completion.WaitAsync(Patience);

        Assert.Equal(Enumerable.Range(0, numbers.Count).Select(number => (long)number), numbers);
        Assert.Equal(numbers.Count, reader.FramesGrabbed);
    }

    private SourceReader StartCamera()
    {
        var reader = new SourceReader(
            SourceAddress.Parse("rtsp://camera/live"), "camera", Camera, _pool, _recorder, TimeProvider.System, new FixedRandom(0), Open);
        reader.Start(_stop.Token);
        return reader;
    }

    private FakeSource Open(SourceWatch watch, CancellationToken cancellationToken)
    {
        if (!_isThere)
        {
            throw new SourceException("nobody is there");
        }

        Interlocked.Increment(ref _open);
        return new FakeSource(watch, Pictures(), disposed: () => Interlocked.Decrement(ref _open));
    }

    /// <summary>A thousand a second, for ever.</summary>
    private static IEnumerable<FakeStep> Pictures()
    {
        using var rate = new ManualResetEventSlim();
        while (true)
        {
            rate.Wait(1);
            yield return new FakeStep();
        }
    }

    private async Task FramesAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.True(await _frames.WaitAsync(Patience), $"{i} frames instead of {count}.");
        }
    }
}
