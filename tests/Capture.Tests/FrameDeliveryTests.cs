using Pipeline.Testing;

namespace Pipeline.Capture.Tests;

public sealed class FrameDeliveryTests
{
    private static readonly SourceReaderOptions Film = new(Latest: false, Pace: false, Loop: false, MaximumFrames: null);

    [Fact]
    public async Task Deliver_NoFrameFreeForAWhile_IsAsIfItHadNotWaited()
    {
        var time = new ManualTimeProvider();
        DateTimeOffset capturedAt = default;
        var recorder = new Recorder { OnFrame = frame => { capturedAt = frame.CapturedAt; frame.Dispose(); } };
        using var pool = new FramePool(1);
        var life = new SourceLife(Film.Limits, time, new FixedRandom(0), recorder.OnStateChanged);
        var delivery = new FrameDelivery("film", live: false, Film, pool, recorder, life, time);
        var watch = new SourceWatch(time);
        using var source = new FakeSource(watch, [new FakeStep()]);
        delivery.Begin();
        Frame held = pool.Rent("render", CancellationToken.None);
        long before = time.GetTimestamp();
        source.Grab(CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(1));

        Task delivering = Task.Run(() => delivery.Deliver(source, watch, before, CancellationToken.None));
        SpinWait.SpinUntil(() => watch.Silence == TimeSpan.Zero); // it waits
        time.Advance(TimeSpan.FromSeconds(10));
        held.Dispose();
        await delivering;

        Assert.Equal([TimeSpan.FromSeconds(1)], recorder.Captured);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1), capturedAt);
    }
}
