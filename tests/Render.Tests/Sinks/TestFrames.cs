using Pipeline.Capture;
using Pipeline.PostProcess;
using Pipeline.Testing;

namespace Pipeline.Render.Tests.Sinks;

/// <summary>Real frames, each with one lease that the test holds under the name "test".</summary>
internal sealed class TestFrames : IFrameReceiver, IDisposable
{
    public const string Holder = "test";

    private readonly List<Frame> _frames = [];
    private Action<int> _onFrame = _ => { };

    private TestFrames(int count) => Pool = new FramePool(count);

    public FramePool Pool { get; }

    public Frame this[int index] => _frames[index];

    /// <summary>Captures from a source: where none is given, a test pattern, 64×48.</summary>
    public static async Task<TestFrames> CaptureAsync(int count, string source = "test://64x48@1000")
    {
        var frames = new TestFrames(count);
        var options = new SourceReaderOptions(Latest: false, Pace: false, Loop: false, MaximumFrames: count);
        var reader = new SourceReader(
            SourceAddress.Parse(source), "gate", options, frames.Pool, frames, TimeProvider.System);
        reader.Start(CancellationToken.None);
        await reader.Completion;
        return frames;
    }

    /// <summary>Captures from a test pattern, 64×48, ten frames a second, that says nothing for a while.</summary>
    /// <param name="count">Frames.</param>
    /// <param name="before">Frames before the silence.</param>
    /// <param name="silence">How long it lasts; on a clock that has no need to wait for it.</param>
    public static async Task<TestFrames> CaptureWithSilenceAsync(int count, int before, TimeSpan silence)
    {
        var clock = new ManualTimeProvider();
        var frames = new TestFrames(count) { _onFrame = received => clock.Advance(received == before ? silence : TimeSpan.Zero) };
        var options = new SourceReaderOptions(Latest: false, Pace: false, Loop: false, MaximumFrames: count);
        var reader = new SourceReader(SourceAddress.Parse("test://64x48@10"), "gate", options, frames.Pool, frames, clock);
        reader.Start(CancellationToken.None);
        await clock.AdvanceUntilAsync(reader.Completion, TimeSpan.FromMilliseconds(20));
        return frames;
    }

    /// <summary>Writes frames, with an object on each, as the sink's stage does.</summary>
    public void WriteTo(ISink sink, int from, int to)
    {
        var queue = new FrameResultQueue("sink", 1, 1);
        Detection[] found = [new Detection(1, 0.9f, new Box(0, 0, 1, 1), -1)];
        for (int i = from; i < to; i++)
        {
            _frames[i].AddLease(Holder);
            Assert.True(queue.TryPost(_frames[i], Holder, found, TimeSpan.Zero));
            Assert.True(queue.TryTake(out FrameResult? result));
            try
            {
                sink.Write(result);
            }
            finally
            {
                queue.Recycle(result);
            }
        }
    }

    public void Receive(Frame frame, CancellationToken cancellationToken)
    {
        frame.PassOn("queue", Holder);
        _frames.Add(frame);
        _onFrame(_frames.Count);
    }

    public void OnPassedOver()
    {
    }

    public void OnCaptured(TimeSpan elapsed)
    {
    }

    public void OnSkipped(string what)
    {
    }

    public void OnStateChanged(SourceChange change)
    {
    }

    public void OnCallHung()
    {
    }

    public void Dispose() => Pool.Dispose();
}
