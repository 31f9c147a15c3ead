using System.Collections.Concurrent;

namespace Pipeline.Capture.Tests;

/// <summary>Takes frames and notes what it was told; what to do with a frame is the test's choice.</summary>
internal sealed class Recorder : IFrameReceiver
{
    /// <summary>Called with each frame; gives it back by default.</summary>
    public Action<Frame> OnFrame { get; init; } = static frame => frame.Dispose();

    public List<(long Number, TimeSpan Time)> Frames { get; } = [];

    /// <summary>The segment of each frame.</summary>
    public List<int> Segments { get; } = [];

    public List<string> Skipped { get; } = [];

    public int PassedOver { get; private set; }

    public void Receive(Frame frame, CancellationToken cancellationToken)
    {
        Frames.Add((frame.Number, frame.PresentationTime));
        Segments.Add(frame.Segment);
        OnFrame(frame);
    }

    public void OnPassedOver() => PassedOver++;

    /// <summary>How long each frame took to capture.</summary>
    public List<TimeSpan> Captured { get; } = [];

    public void OnCaptured(TimeSpan elapsed) => Captured.Add(elapsed);

    public void OnSkipped(string what) => Skipped.Add(what);

    /// <summary>Every change of state so far; safe to read while more come.</summary>
    public ConcurrentQueue<SourceChange> Changes { get; } = [];

    public int HungCalls { get; private set; }

    public void OnStateChanged(SourceChange change) => Changes.Enqueue(change);

    public void OnCallHung() => HungCalls++;
}
