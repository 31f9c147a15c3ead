using Pipeline.Testing;

namespace Pipeline.Inference.Tests;

/// <summary>A session on a device, which has the next run already while one is at hand.</summary>
public sealed class RunsInFlightTests : IDisposable
{
    private static readonly TimeSpan RunTimeout = TimeSpan.FromSeconds(30);

    private readonly GreyImages _images = new();
    private readonly RecordingObserver _observer = new();
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _cancel = new();
    private readonly SourceQueues<Ticket> _queues;
    private readonly SourceQueue<Ticket> _file;

    public RunsInFlightTests()
    {
        _queues = new SourceQueues<Ticket>(_observer, _time);
        _file = _queues.AddFile();
    }

    public void Dispose()
    {
        _cancel.Dispose();
        _images.Dispose();
    }

    [Fact]
    public async Task RunAsync_DeviceIsBusy_HasTheNextRunAlreadyAndNoMoreArePrepared()
    {
        FakeSession session = Blocked();
        Write(8);
        Task running = Start(session);
        await BegunAsync(session, runs: 2);

        // A third could only be prepared once the first had ended.
        Assert.Equal(6, _file.Count);
        session.ReleaseOne();
        await BegunAsync(session, runs: 1);
        Assert.Equal(5, _file.Count);
        session.Release();
        await EndAsync(running);
        Assert.Equal(Enumerable.Range(0, 8).Select(number => (number, Fate.Decoded)), Back());
        Assert.Equal(Enumerable.Range(0, 8), _observer.Detections.Select(detection => (int)detection.Score));
        Assert.True(session.IsDisposed);
    }

    [Fact]
    public async Task RunAsync_FirstOfTwoFails_CostsItsTicketsAndTheSecondEndsBeforeTheSessionIsReplaced()
    {
        var error = new ModelRunException("The model's run failed.");
        FakeSession session = Blocked();
        session.Fail(error);
        var next = new FakeSession { HasDevice = true };
        Write(4);
        Task running = Start(session, () =>
        {
            Assert.True(session.IsDisposed);
            return next;
        });
        await BegunAsync(session, runs: 2);
        session.ReleaseOne();
        await _observer.BackAsync(1);
        session.Recover();
        session.Release();
        await EndAsync(running);
        Assert.Equal([(0, Fate.Failed), (1, Fate.Decoded), (2, Fate.Decoded), (3, Fate.Decoded)], Back());
        Assert.Equal([(error, false)], _observer.LostSessions);
        Assert.Equal([[2f], [3f]], next.Runs);
    }

    [Fact]
    public async Task RunAsync_BothFail_LosesTheSessionOnce()
    {
        FakeSession session = Blocked();
        session.Fail(new ModelRunException("The model's run failed."));
        Write(3);
        Task running = Start(session, () => new FakeSession { HasDevice = true });
        await BegunAsync(session, runs: 2);
        session.Release();
        await EndAsync(running);
        Assert.Equal([(0, Fate.Failed), (1, Fate.Failed), (2, Fate.Decoded)], Back());
        Assert.Single(_observer.LostSessions);
    }

    [Fact]
    public async Task RunAsync_SecondCannotBeBegun_ComesBackFailedAfterTheFirst()
    {
        var session = new FakeSession { HasDevice = true, BeginFailure = new ModelRunException("out of memory") };
        session.Block();
        Write(3);
        Task running = Start(session, () => new FakeSession { HasDevice = true });
        await session.BegunAsync();
        await _observer.PreparedAsync(2);
        session.Release();
        await EndAsync(running);
        Assert.Equal([(0, Fate.Decoded), (1, Fate.Failed), (2, Fate.Decoded)], Back());
        Assert.Equal("out of memory", Assert.Single(_observer.LostSessions).Exception.Message);
    }

    [Fact]
    public async Task RunAsync_FirstOfTwoHangs_GivesBothBackAndEnds()
    {
        FakeSession session = Blocked();
        Write(4);
        Task running = Start(session);
        await BegunAsync(session, runs: 2);
        _time.Advance(RunTimeout);
        Assert.True((await Assert.ThrowsAsync<ModelRunException>(() => EndAsync(running))).IsDeviceLost);
        Assert.Equal([(0, Fate.Failed), (1, Fate.Failed), (2, Fate.Stopped), (3, Fate.Stopped)], Back());
        Assert.Single(_observer.LostSessions);
        session.Release();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_SecondWaitsLongForTheFirst_HasItsTimeFromTheFirstsEndOn(bool hangs)
    {
        FakeSession session = Blocked();
        Write(2);
        Task running = Start(session);
        await BegunAsync(session, runs: 2);
        _time.Advance(RunTimeout - TimeSpan.FromTicks(1));
        session.ReleaseOne();
        await _observer.BackAsync(1);
        _time.Advance(hangs ? RunTimeout + TimeSpan.FromMilliseconds(1) : RunTimeout - TimeSpan.FromTicks(1));
        if (hangs)
        {
            await Assert.ThrowsAsync<ModelRunException>(() => EndAsync(running));
        }

        session.Release();
        await EndAsync(running).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.Equal([(0, Fate.Decoded), (1, hangs ? Fate.Failed : Fate.Decoded)], Back());
    }

    [Fact]
    public async Task RunAsync_CancelledWithTwoInFlight_FinishesBoth()
    {
        FakeSession session = Blocked();
        Write(5);
        Task running = Start(session);
        await BegunAsync(session, runs: 2);
        await _cancel.CancelAsync();
        session.Release();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EndAsync(running));
        Assert.Equal([0, 1], Back().Where(back => back.Item2 == Fate.Decoded).Select(back => back.Item1));
        Assert.Equal([2, 3, 4], Back().Where(back => back.Item2 == Fate.Stopped).Select(back => back.Item1));
        Assert.True(session.IsDisposed);
    }

    private static FakeSession Blocked()
    {
        var session = new FakeSession { HasDevice = true };
        session.Block();
        return session;
    }

    private static async Task BegunAsync(FakeSession session, int runs)
    {
        for (int run = 0; run < runs; run++)
        {
            await session.BegunAsync();
        }
    }

    private static Task EndAsync(Task running) => running.WaitAsync(TimeSpan.FromMinutes(1));

    private Task Start(FakeSession session, Func<IModelSession>? reopen = null) =>
        new DetectionBatcher<Ticket>(
            _queues,
            session,
            reopen ?? (() => throw new InvalidOperationException("Must not be opened again.")),
            new DetectionBatcherOptions { RunTimeout = RunTimeout },
            _time).RunAsync(_cancel.Token);

    private void Write(int count)
    {
        for (int number = 0; number < count; number++)
        {
            Assert.True(_file.TryWrite(_images.Ticket(0, number)));
        }

        _file.Complete();
        _queues.Complete();
    }

    private IEnumerable<(int, Fate)> Back() => _observer.Back.Select(back => (back.Ticket.Number, back.Fate));
}
