using Pipeline.PostProcess;

namespace Pipeline.Inference.Tests;

/// <summary>
/// Batching under random load, and what it allocates. Alone in their collection: allocations count for the process.
/// </summary>
[Collection(nameof(BatchingStressTests))]
[CollectionDefinition(nameof(BatchingStressTests), DisableParallelization = true)]
public sealed class BatchingStressTests : IDisposable
{
    private readonly GreyImages _images = new();

    public void Dispose() => _images.Dispose();

    [Theory]
    [InlineData(1, false, false)]
    [InlineData(2, false, true)]
    [InlineData(3, true, false)]
    [InlineData(4, true, true)]
    [InlineData(5, true, true)]
    public async Task RunAsync_RandomSourcesFailuresAndStops_GivesEachTicketBackOnceAndInOrder(int seed, bool cancel, bool device)
    {
        const int Sources = 8;
        var random = new Random(seed);
        var observer = new RecordingObserver();
        var queues = new SourceQueues<Ticket>(observer, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        Task running = new DetectionBatcher<Ticket>(
            queues,
            new UnreliableSession(seed, device),
            () => new UnreliableSession(random.Next(), device),
            new DetectionBatcherOptions(),
            TimeProvider.System).RunAsync(stop.Token);
        int stopAt = cancel ? random.Next(200, 1000) : -1;
        int written = 0;
        var taken = new int[Sources];

        async Task WriteAsync(int source)
        {
            SourceQueue<Ticket> queue = source % 2 == 0 ? queues.AddLive() : queues.AddFile();
            for (int number = 0; number < 250; number++)
            {
                // Every fifteenth image is none.
                Ticket ticket = _images.Ticket(source, number);
                ticket = number % 15 == 14 ? ticket with { Image = default } : ticket;
                if (!(source % 2 == 0 ? queue.TryWrite(ticket) : await queue.WriteAsync(ticket)))
                {
                    break;
                }

                taken[source]++;
                await Task.Yield();
                if (Interlocked.Increment(ref written) == stopAt)
                {
                    await stop.CancelAsync();
                }
            }

            queue.Complete();
        }

        await Task.WhenAll(Enumerable.Range(0, Sources).Select(source => Task.Run(() => WriteAsync(source))));
        queues.Complete();
        Exception? exception = await Record.ExceptionAsync(() => running.WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.Equal(cancel, exception is OperationCanceledException);
        for (int source = 0; source < Sources; source++)
        {
            (Ticket Ticket, Fate Fate)[] back = [.. observer.Back.Where(back => back.Ticket.Source == source)];
            Assert.Equal(Enumerable.Range(0, taken[source]), back.Select(back => back.Ticket.Number).Order());
            int[] run =
            [
                .. back.Where(back => back.Fate is Fate.Decoded or Fate.Failed).Select(back => back.Ticket.Number),
            ];
            Assert.Equal(run.Order(), run);
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task RunAsync_SteadyState_AllocatesNothingPerTicket(bool live, bool device)
    {
        const int Tickets = 4000;
        const int Rounds = 5;
        var observer = new CountingObserver();
        var queues = new SourceQueues<Ticket>(observer, TimeProvider.System);
        SourceQueue<Ticket> queue = live ? queues.AddLive() : queues.AddFile();
        Task running = new DetectionBatcher<Ticket>(
            queues,
            new UnreliableSession(seed: null, device),
            () => throw new InvalidOperationException("Must not be opened again."),
            new DetectionBatcherOptions(),
            TimeProvider.System).RunAsync(CancellationToken.None);

        // Once to warm every path up, then counted. The least of some rounds: the runtime and the test host allocate now and then too.
        await WriteAsync(Tickets);
        long allocated = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await WriteAsync(Tickets);
            allocated = Math.Min(allocated, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        queue.Complete();
        queues.Complete();
        await running;
        Assert.Equal((1 + Rounds) * Tickets, observer.Count);

        // A single object per ticket would be 24 bytes for each of them, or more.
        Assert.True(allocated < Tickets * 12, $"{allocated} bytes for {Tickets} tickets");

        async Task WriteAsync(int count)
        {
            for (int number = 0; number < count; number++)
            {
                await queue.WriteAsync(_images.Ticket(0, number));
            }
        }
    }

    /// <summary>Fails a run now and then, at its beginning or, on a device, at its end.</summary>
    private sealed class UnreliableSession(int? seed, bool device) : IModelSession
    {
        private readonly Random? _beginnings = seed is { } known ? new Random(known) : null;
        private readonly Random? _ends = seed is { } known && device ? new Random(~known) : null;

        public int RunsInFlight => device ? 2 : 1;

        public string Provider => "fake";

        public BatchSlot CreateSlot() => new(TinyModel.Signature, [1, 2, 4]);

        public void Run(BatchSlot slot) => Try(_beginnings);

        public void WaitForOutputs(BatchSlot slot) => Try(_ends);

        private static void Try(Random? random)
        {
            if (random?.Next(40) == 0)
            {
                throw new ModelRunException("By chance.");
            }
        }

        public void Dispose()
        {
        }
    }

    private sealed class CountingObserver : IBatchObserver<Ticket>
    {
        private int _count;

        public int Count => _count;

        public void OnPrepared(Ticket ticket, TimeSpan elapsed, long batch)
        {
        }

        public void OnRun(int images, int batchSize, TimeSpan elapsed, long batch)
        {
        }

        public void OnDecoded(Ticket ticket, ReadOnlySpan<Detection> detections, int nonFinite, TimeSpan elapsed, long batch) =>
            Interlocked.Increment(ref _count);

        public void OnFailed(Ticket ticket, Exception exception) => throw exception;

        public void OnDropped(Ticket ticket, DropReason reason) => Interlocked.Increment(ref _count);

        public void OnSessionLost(Exception exception, bool hung) => throw exception;

        public void OnSessionReopened(string provider) =>
            throw new InvalidOperationException("Must not be opened again.");
    }
}
