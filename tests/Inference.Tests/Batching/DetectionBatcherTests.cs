using Pipeline.PostProcess;
using Pipeline.Testing;

namespace Pipeline.Inference.Tests;

public sealed class DetectionBatcherTests : IDisposable
{
    private readonly GreyImages _images = new();
    private readonly RecordingObserver _observer = new();
    private readonly ManualTimeProvider _time = new();
    private readonly SourceQueues<Ticket> _queues;
    private readonly CancellationTokenSource _cancel = new();
    private readonly Queue<Func<IModelSession>> _nextSessions = new();

    public DetectionBatcherTests() => _queues = new SourceQueues<Ticket>(_observer, _time);

    public void Dispose()
    {
        _cancel.Dispose();
        _images.Dispose();
    }

    [Fact]
    public async Task RunAsync_TwoFiles_DecodesEveryTicketInItsSourcesOrder()
    {
        var session = new FakeSession([1, 4]);
        Task running = Batcher(session).RunAsync(_cancel.Token);
        SourceQueue<Ticket>[] files = [_queues.AddFile(), _queues.AddFile()];
        for (int number = 0; number < 100; number++)
        {
            for (int source = 0; source < 2; source++)
            {
                Assert.True(await files[source].WriteAsync(_images.Ticket(source, number)));
            }
        }

        Complete(files);
        await EndAsync(running);
        for (int source = 0; source < 2; source++)
        {
            Assert.Equal(
                Enumerable.Range(0, 100),
                _observer.Back.Where(back => back.Ticket.Source == source).Select(back => back.Ticket.Number));
        }

        Assert.All(_observer.Back.Zip(_observer.Detections), pair =>
        {
            Assert.Equal(Fate.Decoded, pair.First.Fate);
            Assert.Equal(pair.First.Ticket.Number, pair.Second.Score);
        });
        Assert.Equal(200, _observer.Runs.Sum(run => run.Images));
        Assert.True(session.IsDisposed);
    }

    [Fact]
    public async Task RunAsync_TwoBatches_EveryStageSaysWhichOneItHad()
    {
        var session = new FakeSession([1, 2]);
        Complete(Fill(count: 3));

        await EndAsync(Batcher(session).RunAsync(_cancel.Token));

        Assert.Equal(
            ["0 decoded in 1", "0 prepared in 1", "1 decoded in 1", "1 prepared in 1", "1 run", "2 decoded in 2", "2 prepared in 2", "2 run"],
            _observer.Batches.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task RunAsync_SixTicketsWait_FillsTheLargestBatchAndThenRunsTheRest()
    {
        var session = new FakeSession([1, 2, 4]);
        SourceQueue<Ticket> file = Fill(count: 6);
        Complete(file);
        await EndAsync(Batcher(session).RunAsync(_cancel.Token));
        Assert.Equal([(4, 4), (2, 2)], _observer.Runs);
    }

    [Fact]
    public async Task RunAsync_OneTicketWaits_RunsItWithoutWaitingForMore()
    {
        var session = new FakeSession([1, 4]);
        SourceQueue<Ticket> live = _queues.AddLive();
        Task running = Batcher(session).RunAsync(_cancel.Token);
        live.TryWrite(_images.Ticket(0, 1));
        await _observer.BackAsync(1);
        Assert.Equal([(1, 1)], _observer.Runs);
        Complete(live);
        await EndAsync(running);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    public async Task RunAsync_MaximumWait_HoldsTheBatchUntilTheClockSaysSo(double timersEarlyMs)
    {
        _time.Earliness = TimeSpan.FromMilliseconds(timersEarlyMs);
        var session = new FakeSession([1, 4]);
        SourceQueue<Ticket> file = _queues.AddFile();
        Task running = Batcher(session, new() { MaximumWait = TimeSpan.FromMilliseconds(5) }).RunAsync(_cancel.Token);
        file.TryWrite(_images.Ticket(0, 0));
        await _observer.PreparedAsync(1);
        _time.Advance(TimeSpan.FromMilliseconds(4));
        file.TryWrite(_images.Ticket(0, 1));
        await _observer.PreparedAsync(1);
        await _time.AdvanceUntilAsync(_observer.BackAsync(2), TimeSpan.FromMilliseconds(0.1));
        Assert.Equal([(2, 4)], _observer.Runs);
        Assert.True(_time.GetElapsedTime(0) >= TimeSpan.FromMilliseconds(5));
        Complete(file);
        await EndAsync(running);
    }

    [Fact]
    public async Task RunAsync_MaximumWaitAndFullBatch_GoesAtOnce()
    {
        var session = new FakeSession([1, 4]);
        SourceQueue<Ticket> file = Fill(count: 4);
        Task running = Batcher(session, new() { MaximumWait = TimeSpan.FromDays(1) }).RunAsync(_cancel.Token);
        await _observer.BackAsync(4);
        Assert.Equal([(4, 4)], _observer.Runs);
        Complete(file);
        await EndAsync(running);
    }

    [Fact]
    public async Task RunAsync_FewerImagesThanTheBatchSize_PadsWithZeros()
    {
        var session = new FakeSession([4]);
        SourceQueue<Ticket> file = Fill(count: 6, first: 10);
        Complete(file);
        await EndAsync(Batcher(session).RunAsync(_cancel.Token));
        Assert.Equal([[10, 11, 12, 13], [14, 15, 0, 0]], session.Runs);
    }

    [Fact]
    public async Task RunAsync_SessionIsBusy_OneBatchAtMostIsPreparedAhead()
    {
        var session = new FakeSession();
        session.Block();
        SourceQueue<Ticket> file = Fill(count: 8);
        Task running = Batcher(session).RunAsync(_cancel.Token);
        await session.BegunAsync();

        // The first runs and the second is ready. The other six stay in the queue, however long it takes: a third could
        // only be prepared once the second had been taken.
        await _observer.PreparedAsync(2);
        Assert.Equal(6, file.Count);
        session.Release();
        Complete(file);
        await EndAsync(running);
    }

    [Fact]
    public async Task Standstill_SessionDoesNotComeBack_ShowsWhereAndForHowLong()
    {
        var session = new FakeSession();
        session.Block();
        SourceQueue<Ticket> file = Fill(count: 3);
        DetectionBatcher<Ticket> batcher = Batcher(session);
        Task running = batcher.RunAsync(_cancel.Token);
        await session.BegunAsync();
        await _observer.PreparedAsync(2);
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(TimeSpan.FromSeconds(5), batcher.PrepareStandstill);
        Assert.Equal(TimeSpan.FromSeconds(5), batcher.RunStandstill);
        Assert.Equal(TimeSpan.Zero, batcher.DecodeStandstill);

        session.Release();
        Complete(file);
        await EndAsync(running);
        Assert.Equal(TimeSpan.Zero, batcher.PrepareStandstill + batcher.RunStandstill + batcher.DecodeStandstill);
    }

    [Fact]
    public async Task RunAsync_LiveSourceFasterThanTheSession_RunsTheNewest()
    {
        var session = new FakeSession();
        session.Block();
        SourceQueue<Ticket> live = _queues.AddLive();
        Task running = Batcher(session).RunAsync(_cancel.Token);
        live.TryWrite(_images.Ticket(0, 0));
        await session.BegunAsync();
        live.TryWrite(_images.Ticket(0, 1));
        await _observer.PreparedAsync(2);
        for (int number = 2; number < 10; number++)
        {
            live.TryWrite(_images.Ticket(0, number));
        }

        session.Release();
        Complete(live);
        await EndAsync(running);
        Assert.Equal([0, 1, 9], Numbers(Fate.Decoded));
        Assert.Equal([2, 3, 4, 5, 6, 7, 8], Numbers(Fate.Superseded));
    }

    [Fact]
    public async Task RunAsync_ImageThatIsNone_FailsAloneAndInItsTurn()
    {
        var session = new FakeSession([4]);
        SourceQueue<Ticket> file = _queues.AddFile();
        file.TryWrite(_images.Ticket(0, 0));
        file.TryWrite(new Ticket(0, 1, default, _images.Decoder));
        file.TryWrite(_images.Ticket(0, 2));
        Complete(file);
        await EndAsync(Batcher(session).RunAsync(_cancel.Token));
        Assert.Equal(
            [(0, Fate.Decoded), (1, Fate.Failed), (2, Fate.Decoded)],
            _observer.Back.Select(back => (back.Ticket.Number, back.Fate)));
        Assert.Equal([0, 2], _observer.Detections.Select(detection => (int)detection.Score));
        Assert.Empty(_observer.LostSessions);
    }

    [Fact]
    public async Task RunAsync_LetterboxedInput_GivesBoxesOfTheImage()
    {
        using var image = new TestImage(40, 20);
        var session = new FakeSession(input: TinyModel.Input with { Fit = FitRule.Letterbox });
        SourceQueue<Ticket> file = _queues.AddFile();
        file.TryWrite(new Ticket(0, 0, image.View, _images.Decoder));
        Complete(file);
        await EndAsync(Batcher(session).RunAsync(_cancel.Token));

        // Of the 2×2 input the image covers one row, the upper one.
        Assert.Equal(new Box(0.25f, 0.5f, 0.75f, 1.5f), Assert.Single(_observer.Detections).Box);
    }

    [Fact]
    public async Task RunAsync_TicketsWithDecodersOfTheirOwn_DecodesEachWithIts()
    {
        SourceQueue<Ticket> file = _queues.AddFile();
        for (int number = 0; number < 6; number++)
        {
            _images.Decoder = new FakeDecoder(classId: number % 3);
            file.TryWrite(_images.Ticket(0, number));
        }

        Complete(file);
        await EndAsync(Batcher(new FakeSession([4])).RunAsync(_cancel.Token));
        Assert.Equal([0, 1, 2, 0, 1, 2], _observer.Detections.Select(detection => detection.ClassId));
    }

    [Fact]
    public async Task RunAsync_SourceIsRemoved_RunsWhatWaitsAndServesTheOthers()
    {
        var session = new FakeSession();
        session.Block();
        SourceQueue<Ticket> kept = Fill(count: 3);
        Task running = Batcher(session).RunAsync(_cancel.Token);
        await session.BegunAsync();
        await _observer.PreparedAsync(2);
        SourceQueue<Ticket> removed = _queues.AddFile();
        removed.TryWrite(_images.Ticket(1, 0));
        removed.Complete();
        session.Release();
        Complete(kept);
        await EndAsync(running);
        Assert.Equal([0, 0, 1, 2], Numbers(Fate.Decoded).Order());
        Assert.False(removed.TryWrite(_images.Ticket(1, 1)));
    }

    [Fact]
    public async Task RunAsync_Cancelled_FinishesTheRunAndGivesAllElseBack()
    {
        var session = new FakeSession();
        session.Block();
        SourceQueue<Ticket> file = Fill(count: 8);
        Task running = Batcher(session).RunAsync(_cancel.Token);
        await session.BegunAsync();
        await _observer.PreparedAsync(2);
        await _cancel.CancelAsync();
        session.Release();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EndAsync(running));
        Assert.Equal([0], Numbers(Fate.Decoded));
        Assert.Equal(Enumerable.Range(1, 7), Numbers(Fate.Stopped));
        Assert.False(await file.WriteAsync(_images.Ticket(0, 8)));
        Assert.True(session.IsDisposed);
    }

    [Fact]
    public async Task RunAsync_CancelledWhileNothingWaits_Ends()
    {
        SourceQueue<Ticket> live = _queues.AddLive();
        Task running = Batcher(new FakeSession()).RunAsync(_cancel.Token);
        live.TryWrite(_images.Ticket(0, 0));
        await _observer.BackAsync(1);
        await _cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EndAsync(running));
    }

    [Fact]
    public async Task RunAsync_ObserverThrows_EndsWithItsExceptionAndGivesEveryTicketBack()
    {
        _observer.Failure = new InvalidOperationException("The observer is broken.");
        SourceQueue<Ticket> file = Fill(count: 8);
        Complete(file);
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => EndAsync(Batcher(new FakeSession()).RunAsync(_cancel.Token)));
        Assert.Same(_observer.Failure, exception);
        Assert.Equal(Enumerable.Range(0, 8), _observer.Back.Select(back => back.Ticket.Number));
    }

    [Fact]
    public async Task RunAsync_DecoderThrows_EndsWithItsExceptionAndGivesEveryTicketBack()
    {
        _images.Decoder = new FakeDecoder { Failure = new NotSupportedException("The decoder is for another model.") };
        SourceQueue<Ticket> file = Fill(count: 8);
        Complete(file);
        await Assert.ThrowsAsync<NotSupportedException>(
            () => EndAsync(Batcher(new FakeSession()).RunAsync(_cancel.Token)));
        Assert.Equal(Enumerable.Range(0, 8), _observer.Back.Select(back => back.Ticket.Number));
    }

    private DetectionBatcher<Ticket> Batcher(FakeSession session, DetectionBatcherOptions? options = null) => new(
        _queues, session, () => _nextSessions.Dequeue()(), options ?? new DetectionBatcherOptions(), _time);

    private SourceQueue<Ticket> Fill(int count, int first = 0)
    {
        SourceQueue<Ticket> file = _queues.AddFile();
        for (int number = first; number < first + count; number++)
        {
            Assert.True(file.TryWrite(_images.Ticket(0, number)));
        }

        return file;
    }

    private void Complete(params SourceQueue<Ticket>[] queues)
    {
        foreach (SourceQueue<Ticket> queue in queues)
        {
            queue.Complete();
        }

        _queues.Complete();
    }

    private static Task EndAsync(Task running) => running.WaitAsync(TimeSpan.FromSeconds(60));

    private IEnumerable<int> Numbers(Fate fate) =>
        _observer.Back.Where(back => back.Fate == fate).Select(back => back.Ticket.Number);
}
