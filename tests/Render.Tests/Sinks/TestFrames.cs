using Pipeline.Capture;

namespace Pipeline.Render.Tests.Sinks;

/// <summary>Real frames, each with one lease that the test holds under the name "test".</summary>
internal sealed class TestFrames : IFrameReceiver, IDisposable
{
    public const string Holder = "test";

    private readonly List<Frame> _frames = [];

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

    public void Receive(Frame frame, CancellationToken cancellationToken)
    {
        frame.PassOn("queue", Holder);
        _frames.Add(frame);
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
