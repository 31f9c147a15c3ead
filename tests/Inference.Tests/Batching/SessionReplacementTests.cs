using Pipeline.Testing;

namespace Pipeline.Inference.Tests;

public sealed class SessionReplacementTests : IDisposable
{
    private static readonly TimeSpan RunTimeout = TimeSpan.FromDays(1);
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromHours(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly GreyImages _images = new();
    private readonly RecordingObserver _observer = new();
    private readonly ManualTimeProvider _time = new();
    private readonly SourceQueues<Ticket> _queues;
    private readonly SourceQueue<Ticket> _file;

    public SessionReplacementTests()
    {
        _queues = new SourceQueues<Ticket>(_observer, _time);
        _file = _queues.AddFile();
    }

    public void Dispose() => _images.Dispose();

    [Fact]
    public async Task RunAsync_RunFails_CostsItsTicketsAndGoesOnInANewSession()
    {
        var broken = new FakeSession();
        var error = new ModelRunException("The model's run failed.");
        broken.Fail(error);
        var next = new FakeSession();
        Write(3);
        Complete();
        await EndAsync(Start(broken, () => next));
        Assert.Equal([(0, Fate.Failed), (1, Fate.Decoded), (2, Fate.Decoded)], Back());
        Assert.Equal([error], _observer.Failures);
        Assert.Equal([(error, false)], _observer.LostSessions);
        Assert.True(broken.IsDisposed);
        Assert.True(next.IsDisposed);
        Assert.Equal([[1f], [2f]], next.Runs);
    }

    [Fact]
    public async Task RunAsync_ReopeningFails_TriesAgainAfterGrowingPauses()
    {
        var broken = new FakeSession();
        broken.Fail(new ModelRunException("The model's run failed."));
        var attempts = new List<TimeSpan>();
        var attempted = new EventCounter("attempts to open a session");
        Write(2);
        Complete();
        Task running = Start(broken, () =>
        {
            lock (attempts)
            {
                attempts.Add(_time.GetElapsedTime(0));
                attempted.Add();
                return attempts.Count < 4 ? throw new ModelException("The device is busy.") : new FakeSession();
            }
        });
        await attempted.TakeAsync(1);
        Assert.Equal(TimeSpan.Zero, attempts[0]);
        await _time.AdvanceUntilAsync(running, Step);
        Assert.Equal([(0, Fate.Failed), (1, Fate.Decoded)], Back());
        TimeSpan[] pauses = [.. attempts.Zip(attempts.Skip(1), (earlier, later) => later - earlier)];
        Assert.All(pauses.Zip([1, 2, 4]), pair => Assert.True(pair.First >= TimeSpan.FromSeconds(pair.Second)));
    }

    [Fact]
    public async Task RunAsync_EverySessionFails_EndsWithTheErrorAndGivesEveryTicketBack()
    {
        var error = new ModelRunException("The model's run failed.");
        Write(8);
        Complete();
        Task running = Start(Broken(error), () => Broken(error));
        Assert.Same(error, await Assert.ThrowsAsync<ModelRunException>(() => _time.AdvanceUntilAsync(running, Step)));
        Assert.Equal([0, 1, 2, 3, 4, 5], Numbers(Fate.Failed));
        Assert.Equal([6, 7], Numbers(Fate.Stopped));
    }

    [Fact]
    public async Task RunAsync_FailuresBetweenSuccesses_GoOnForEver()
    {
        int opened = 0;
        Write(8);
        Complete();
        FakeSession FailsAtItsSecondRun()
        {
            opened++;
            var session = new FakeSession();
            session.FailAfter(1, new ModelRunException("The model's run failed."));
            return session;
        }

        await EndAsync(Start(FailsAtItsSecondRun(), FailsAtItsSecondRun));
        Assert.Equal([0, 2, 4, 6], Numbers(Fate.Decoded));
        Assert.Equal([1, 3, 5, 7], Numbers(Fate.Failed));
        Assert.Equal(5, opened);
    }

    [Fact]
    public async Task RunAsync_DeviceIsLost_EndsAtOnce()
    {
        var error = new ModelRunException("CUDA failure 700") { IsDeviceLost = true };
        Write(2);
        Complete();
        Task running = Start(Broken(error), () => throw new InvalidOperationException("Must not be opened again."));
        Assert.Same(error, await Assert.ThrowsAsync<ModelRunException>(() => EndAsync(running)));
        Assert.Equal([(0, Fate.Failed), (1, Fate.Stopped)], Back());
    }

    [Fact]
    public async Task RunAsync_RunHangs_AbandonsItAndGoesOnInANewSession()
    {
        var hung = new FakeSession();
        hung.Block();
        var next = new FakeSession();
        Write(3);
        Complete();
        Task running = Start(hung, () => next);
        await hung.BegunAsync();
        _time.Advance(RunTimeout);
        await EndAsync(running);
        Assert.Equal([(0, Fate.Failed), (1, Fate.Decoded), (2, Fate.Decoded)], Back());
        Assert.True(Assert.Single(_observer.LostSessions).Hung);

        // The run comes back long after its slot was given up: it must find its memory, and nobody must take its
        // result.
        BatchSlot slot = Assert.Single(hung.Slots, slot => slot.IsInUse);
        hung.Release();
        await hung.EndedAsync();
        Assert.False(slot.IsInUse);
        Assert.Equal(3, _observer.Back.Count);
    }

    [Fact]
    public async Task RunAsync_RunHangsAndThereIsNoMemoryForAnotherSlot_ComesBackFailedAndEnds()
    {
        var hung = new FakeSession();
        hung.Block();
        Write(2);
        Complete();
        Task running = Start(hung, () => throw new InvalidOperationException("Must not be opened again."));
        await hung.BegunAsync();
        hung.SlotFailure = new InsufficientMemoryException();
        _time.Advance(RunTimeout);
        await Assert.ThrowsAsync<InsufficientMemoryException>(() => EndAsync(running));
        Assert.Equal([(0, Fate.Failed), (1, Fate.Stopped)], Back());
        hung.Release();
    }

    [Fact]
    public async Task RunAsync_RunHangsAndTheTimerIsEarly_IsNoticedAllTheSame()
    {
        _time.Earliness = TimeSpan.FromMilliseconds(0.5);
        var hung = new FakeSession();
        hung.Block();
        Write(2);
        Complete();
        Task running = Start(hung, () => new FakeSession());
        await hung.BegunAsync();
        _time.Advance(RunTimeout);
        await EndAsync(running);
        Assert.Equal([(0, Fate.Failed), (1, Fate.Decoded)], Back());
        hung.Release();
    }

    [Fact]
    public async Task RunAsync_RunIsSlowButNotHung_IsLeftAlone()
    {
        var session = new FakeSession();
        session.Block();
        Write(2);
        Complete();
        Task running = Start(session, () => throw new InvalidOperationException("Must not be opened again."));
        await session.BegunAsync();
        _time.Advance(RunTimeout - TimeSpan.FromTicks(1));
        session.Release();
        await EndAsync(running);
        Assert.Equal([0, 1], Numbers(Fate.Decoded));
    }

    [Fact]
    public async Task RunAsync_SecondHang_EndsWithAnError()
    {
        FakeSession[] hung = [new(), new()];
        Array.ForEach(hung, session => session.Block());
        Write(3);
        Complete();
        Task running = Start(hung[0], () => hung[1]);
        foreach (FakeSession session in hung)
        {
            await session.BegunAsync();
            _time.Advance(RunTimeout);
        }

        await Assert.ThrowsAsync<ModelRunException>(() => EndAsync(running));
        Assert.Equal([(0, Fate.Failed), (1, Fate.Failed), (2, Fate.Stopped)], Back());
        Array.ForEach(hung, session => session.Release());
    }

    [Fact]
    public async Task RunAsync_RunHangsOnADevice_EndsWithItAndAsksItForNothing()
    {
        var hung = new FakeSession { HasDevice = true };
        hung.Block();
        Write(1);
        Complete();
        Task running = Start(hung, () => throw new InvalidOperationException("Must not be opened again."));
        int slots = hung.Slots.Count;
        await hung.BegunAsync();
        _time.Advance(RunTimeout);
        var error = await Assert.ThrowsAsync<ModelRunException>(() => EndAsync(running));
        Assert.True(error.IsDeviceLost);
        Assert.Equal([(0, Fate.Failed)], Back());
        Assert.Equal(slots, hung.Slots.Count);
        hung.Release();
    }

    [Fact]
    public async Task RunAsync_ReopeningFindsTheDeviceLost_EndsAtOnceAsOnALostDevice()
    {
        int attempts = 0;
        Write(2);
        Complete();
        Task running = Start(Broken(new ModelRunException("CUDNN failure 5000: CUDNN_STATUS_EXECUTION_FAILED")), () =>
        {
            attempts++;
            throw new ModelException("The provider does not work (cuda: CUDA failure 700 in cudaSetDevice: cudaErrorIllegalAddress).");
        });
        var fault = await Assert.ThrowsAsync<ModelRunException>(() => EndAsync(running));
        Assert.True(fault.IsDeviceLost);
        Assert.Contains("cudaErrorIllegalAddress", fault.Message, StringComparison.Ordinal);
        Assert.Equal(1, attempts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_ReopeningHangs_EndsWithAnErrorAndGivesEveryTicketBack(bool hasDevice)
    {
        var broken = new FakeSession { HasDevice = hasDevice };
        broken.Fail(new ModelRunException("The model's run failed."));
        var opening = new EventCounter("openings");
        using var gate = new SemaphoreSlim(0);
        var late = new FakeSession();
        Write(2);
        Complete();
        Task running = Start(broken, () =>
        {
            opening.Add();
            gate.Wait();
            return late;
        });
        await opening.TakeAsync(1);
        _time.Advance(OpenTimeout - TimeSpan.FromTicks(1));
        Assert.False(running.IsCompleted);

        var error = await Assert.ThrowsAsync<ModelRunException>(() => _time.AdvanceUntilAsync(running, Step));

        Assert.Equal(hasDevice, error.IsDeviceLost);
        Assert.Contains("not opened again", error.Message, StringComparison.Ordinal);
        // On a device the second one may have been begun behind the first.
        Assert.Equal([0, 1], Back().Select(back => back.Item1));
        Assert.Equal((0, Fate.Failed), Back().First());
        Assert.Empty(Numbers(Fate.Decoded));

        // It opens after all, when nobody wants it any more.
        gate.Release();
        await late.DisposedAsync();
    }

    [Fact]
    public async Task RunAsync_CancelledWhileReopeningHangs_EndsAtOnce()
    {
        using var stop = new CancellationTokenSource();
        using var gate = new SemaphoreSlim(0);
        Write(2);
        Task running = Start(
            Broken(new ModelRunException("The model's run failed.")),
            () =>
            {
                stop.Cancel();
                gate.Wait();
                return new FakeSession();
            },
            stop.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EndAsync(running));

        Assert.Equal([(0, Fate.Failed), (1, Fate.Stopped)], Back());
        gate.Release();
    }

    private static FakeSession Broken(Exception error)
    {
        var session = new FakeSession();
        session.Fail(error);
        return session;
    }

    private static Task EndAsync(Task running) => running.WaitAsync(TimeSpan.FromMinutes(1));

    private Task Start(FakeSession session, Func<IModelSession> reopen, CancellationToken stop = default) =>
        new DetectionBatcher<Ticket>(
            _queues, session, reopen, new DetectionBatcherOptions { RunTimeout = RunTimeout, OpenTimeout = OpenTimeout }, _time)
            .RunAsync(stop);

    private void Write(int count)
    {
        for (int number = 0; number < count; number++)
        {
            Assert.True(_file.TryWrite(_images.Ticket(0, number)));
        }
    }

    private void Complete()
    {
        _file.Complete();
        _queues.Complete();
    }

    private IEnumerable<(int, Fate)> Back() => _observer.Back.Select(back => (back.Ticket.Number, back.Fate));

    private IEnumerable<int> Numbers(Fate fate) => Back().Where(back => back.Item2 == fate).Select(back => back.Item1);
}
