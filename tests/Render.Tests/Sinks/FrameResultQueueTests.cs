using Pipeline.PostProcess;

namespace Pipeline.Render.Tests.Sinks;

public sealed class FrameResultQueueTests
{
    private static readonly Detection[] Found = [new(1, 0.9f, new Box(0, 0, 1, 1), 7), new(2, 0.8f, new Box(0, 0, 0.5f, 0.5f), 8)];

    [Fact]
    public async Task TryTake_PostedFrame_ComesWithItsDetectionsAndLease()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(1);
        var queue = new FrameResultQueue("render", capacity: 1, maxDetections: 0);

        Assert.True(queue.TryPost(frames[0], TestFrames.Holder, Found, TimeSpan.FromMilliseconds(20)));
        Assert.True(queue.TryTake(out FrameResult? result));

        Assert.Same(frames[0], result.Frame);
        Assert.Equal(Found, result.Detections.ToArray());
        Assert.Equal(TimeSpan.FromMilliseconds(20), result.Latency);
        Assert.Equal(1, frames.Pool.Leased);
        queue.Recycle(result);
        Assert.Equal(0, frames.Pool.Leased);
        Assert.Throws<InvalidOperationException>(() => result.Frame);
    }

    [Fact]
    public async Task TryPost_QueueFull_LeavesTheLeaseWithTheCaller()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(2);
        var queue = new FrameResultQueue("render", capacity: 1, maxDetections: 2);
        Assert.True(queue.TryPost(frames[0], TestFrames.Holder, Found, TimeSpan.Zero));

        Assert.False(queue.TryPost(frames[1], TestFrames.Holder, Found, TimeSpan.Zero));

        Assert.Equal(1, frames[1].Leases);
        frames[1].Release(TestFrames.Holder);
        Assert.Equal(1, frames.Pool.Leased);
    }

    [Fact]
    public async Task TryPost_WhileOneIsInHand_FillsTheWholeCapacity()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(3);
        var queue = new FrameResultQueue("render", capacity: 2, maxDetections: 2);
        Assert.True(queue.TryPost(frames[0], TestFrames.Holder, Found, TimeSpan.Zero));
        Assert.True(queue.TryTake(out _));

        Assert.True(queue.TryPost(frames[1], TestFrames.Holder, Found, TimeSpan.Zero));
        Assert.True(queue.TryPost(frames[2], TestFrames.Holder, Found, TimeSpan.Zero));
        Assert.Equal(2, queue.Count);
    }

    [Fact]
    public async Task Grow_MoreThanThereIs_MakesRoom()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(3);
        var queue = new FrameResultQueue("render", capacity: 1, maxDetections: 2);
        queue.Grow(2);
        queue.Grow(1);

        Assert.Equal(2, queue.Capacity);
        Assert.True(queue.TryPost(frames[0], TestFrames.Holder, Found, TimeSpan.Zero));
        Assert.True(queue.TryPost(frames[1], TestFrames.Holder, Found, TimeSpan.Zero));
        Assert.False(queue.TryPost(frames[2], TestFrames.Holder, Found, TimeSpan.Zero));
    }

    [Fact]
    public async Task TryTake_Complete_GivesWhatWaitsAndThenEnds()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(1);
        var queue = new FrameResultQueue("render", capacity: 1, maxDetections: 2);
        Assert.True(queue.TryPost(frames[0], TestFrames.Holder, Found, TimeSpan.Zero));
        queue.Complete();

        Assert.True(queue.TryTake(out _));
        Assert.False(queue.TryTake(out _));
        Assert.False(queue.TryPost(frames[0], TestFrames.Holder, Found, TimeSpan.Zero));
    }

    [Fact]
    public async Task TryTake_OnAThreadOfItsOwn_WakesForEachFrameAndForTheEnd()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(4);
        var queue = new FrameResultQueue("render", capacity: 4, maxDetections: 2);
        Task<int> taker = Task.Factory.StartNew(() => TakeAll(queue), TaskCreationOptions.LongRunning);

        for (int round = 0; round < 1000; round++)
        {
            while (!queue.TryPost(frames[round % 4].AddLease("more"), "more", Found, TimeSpan.Zero))
            {
                frames[round % 4].Release("more");
                await Task.Yield();
            }
        }

        queue.Complete();
        Assert.Equal(1000, await taker);
    }

    [Fact]
    public async Task PostAndTake_AfterTheFirstRound_AllocateNothing()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(1);
        var queue = new FrameResultQueue("render", capacity: 1, maxDetections: 2);
        PassOnce(queue, frames);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            PassOnce(queue, frames);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void PassOnce(FrameResultQueue queue, TestFrames frames)
    {
        frames[0].AddLease("more");
        Assert.True(queue.TryPost(frames[0], "more", Found, TimeSpan.Zero));
        Assert.True(queue.TryTake(out FrameResult? result));
        queue.Recycle(result);
    }

    private static int TakeAll(FrameResultQueue queue)
    {
        int taken = 0;
        while (queue.TryTake(out FrameResult? result))
        {
            taken++;
            queue.Recycle(result);
        }

        return taken;
    }
}
