using FsCheck;
using FsCheck.Fluent;
using Pipeline.Testing;

namespace Pipeline.Inference.Tests;

public sealed class SourceQueuesTests : IDisposable
{
    private readonly GreyImages _images = new();
    private readonly RecordingObserver _observer = new();
    private readonly ManualTimeProvider _time = new();
    private readonly SourceQueues<Ticket> _queues;

    public SourceQueuesTests() => _queues = new SourceQueues<Ticket>(_observer, _time);

    public void Dispose() => _images.Dispose();

    [Fact]
    public void TryWrite_LiveQueue_KeepsTheNewestAndGivesTheOlderBack()
    {
        SourceQueue<Ticket> live = _queues.AddLive();
        for (int number = 0; number < 3; number++)
        {
            Assert.True(live.TryWrite(_images.Ticket(0, number)));
        }

        Assert.Equal([(0, Fate.Superseded), (1, Fate.Superseded)], Fates());
        Assert.Equal([2], TakeAll().Select(ticket => ticket.Number));
    }

    [Fact]
    public async Task WriteAsync_FullFileQueue_WaitsForRoom()
    {
        SourceQueue<Ticket> file = _queues.AddFile(capacity: 1);
        Assert.True(await file.WriteAsync(_images.Ticket(0, 0)));
        Assert.False(file.TryWrite(_images.Ticket(0, 1)));
        ValueTask<bool> writing = file.WriteAsync(_images.Ticket(0, 1));
        Assert.False(writing.IsCompleted);
        Assert.True(_queues.TryTake(out Ticket first));
        Assert.True(await writing);
        Assert.True(_queues.TryTake(out Ticket second));
        Assert.Equal([0, 1], [first.Number, second.Number]);
    }

    [Fact]
    public async Task WriteAsync_QueuesAreClosedMeanwhile_LeavesTheTicketWithItsWriter()
    {
        SourceQueue<Ticket> file = _queues.AddFile(capacity: 1);
        Assert.True(file.TryWrite(_images.Ticket(0, 0)));
        ValueTask<bool> writing = file.WriteAsync(_images.Ticket(0, 1));
        _queues.Close();
        Assert.False(await writing);
        Assert.Equal([(0, Fate.Stopped)], Fates());
    }

    [Fact]
    public void TryTake_FastAndSlowSource_ServesThemInTurn()
    {
        SourceQueue<Ticket> fast = _queues.AddFile();
        SourceQueue<Ticket> slow = _queues.AddFile();
        for (int number = 0; number < 4; number++)
        {
            fast.TryWrite(_images.Ticket(0, number));
        }

        slow.TryWrite(_images.Ticket(1, 0));
        slow.TryWrite(_images.Ticket(1, 1));
        Assert.Equal([0, 1, 0, 1, 0, 0], TakeAll().Select(ticket => ticket.Source));
    }

    [Fact]
    public void TryTake_AnyArrivals_KeepsOrderAndServesEveryWaitingSourceBetweenTwoOfOne()
    {
        // A step is a source that gets a ticket, or −1 for one taken.
        Gen<int[]> steps = Gen.Choose(-1, 4).ArrayOf();
        Prop.ForAll(steps.ToArbitrary(), ServesFairly).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void IsDrained_OnlyAfterCompleteAndEveryQueueEmpty()
    {
        SourceQueue<Ticket> first = _queues.AddFile();
        SourceQueue<Ticket> second = _queues.AddLive();
        first.TryWrite(_images.Ticket(0, 0));
        first.Complete();
        _queues.Complete();
        Assert.Single(TakeAll());
        Assert.False(_queues.IsDrained);
        second.Complete();
        Assert.Empty(TakeAll());
        Assert.True(_queues.IsDrained);
    }

    [Fact]
    public void Standstill_TicketsWait_CountsFromTheLastTakingOrTheFirstTicket()
    {
        Assert.Equal(TimeSpan.Zero, _queues.Standstill);
        SourceQueue<Ticket> live = _queues.AddLive();
        SourceQueue<Ticket> file = _queues.AddFile();
        live.TryWrite(_images.Ticket(0, 0));
        _time.Advance(TimeSpan.FromSeconds(3));
        file.TryWrite(_images.Ticket(1, 0));

        // A newer ticket in a live queue is no progress.
        live.TryWrite(_images.Ticket(0, 1));
        Assert.Equal(TimeSpan.FromSeconds(3), _queues.Standstill);

        Assert.True(_queues.TryTake(out _));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), _queues.Standstill);

        TakeAll();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, _queues.Standstill);
    }

    [Fact]
    public void TryWrite_CompletedQueue_IsRefused()
    {
        SourceQueue<Ticket> live = _queues.AddLive();
        live.Complete();
        Assert.False(live.TryWrite(_images.Ticket(0, 0)));
    }

    [Fact]
    public void AddLive_AfterComplete_IsRefused()
    {
        _queues.Complete();
        Assert.Throws<InvalidOperationException>(_queues.AddLive);
    }

    private static bool ServesFairly(int[] steps)
    {
        var queues = new SourceQueues<Ticket>(new RecordingObserver(), TimeProvider.System);
        SourceQueue<Ticket>[] sources = [.. Enumerable.Range(0, 5).Select(_ => queues.AddFile(capacity: 1000))];
        var waiting = new int[5];
        var written = new int[5];
        var taken = new int[5];

        // How many others may still be served before a waiting source must be: at most the other four.
        var passedOver = new int[5];
        foreach (int step in steps)
        {
            if (step >= 0)
            {
                sources[step].TryWrite(new Ticket(step, written[step]++, default, new FakeDecoder()));
                waiting[step]++;
                continue;
            }

            if (!queues.TryTake(out Ticket ticket))
            {
                if (waiting.Sum() != 0)
                {
                    return false;
                }

                continue;
            }

            if (ticket.Number != taken[ticket.Source]++)
            {
                return false;
            }

            waiting[ticket.Source]--;
            passedOver[ticket.Source] = 0;
            for (int source = 0; source < 5; source++)
            {
                if (source != ticket.Source && waiting[source] > 0 && ++passedOver[source] > 4)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private IEnumerable<(int, Fate)> Fates() => _observer.Back.Select(back => (back.Ticket.Number, back.Fate));

    private List<Ticket> TakeAll()
    {
        var tickets = new List<Ticket>();
        while (_queues.TryTake(out Ticket ticket))
        {
            tickets.Add(ticket);
        }

        return tickets;
    }
}
