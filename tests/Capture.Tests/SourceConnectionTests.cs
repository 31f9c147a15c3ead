using Pipeline.Testing;

namespace Pipeline.Capture.Tests;

public sealed class SourceConnectionTests
{
    private static readonly SourceReaderOptions Camera = new(Latest: true, Pace: false, Loop: false, MaximumFrames: null);

    [Fact]
    public async Task Abandon_ConnectionThatHasJustEnded_IsTooLate()
    {
        var time = new ManualTimeProvider();
        var recorder = new Recorder();
        using var pool = new FramePool(1);
        var life = new SourceLife(Camera.Limits, time, new FixedRandom(0), recorder.OnStateChanged);
        var delivery = new FrameDelivery("camera", live: true, Camera, pool, recorder, life, time);
        Thread? thread = null;
        using var connection = new SourceConnection(
            SourceAddress.Parse("rtsp://camera/live"),
            (watch, _) =>
            {
                thread = Thread.CurrentThread;
                return new FakeSource(watch, [new FakeStep()]);
            },
            delivery,
            pause: null,
            time,
            CancellationToken.None);
        connection.Start("camera");
        ConnectionEnd end = await connection.Completion;

        // Who watches may have looked a moment before the end, and act on it after the thread is gone.
        thread!.Join();
        Assert.False(connection.Abandon(TimeSpan.Zero, new ConnectionEnd(ConnectionOutcome.Hung)));
        Assert.Equal(ConnectionOutcome.Complete, end.Outcome);
    }
}
