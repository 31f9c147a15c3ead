namespace Pipeline.Capture.Tests;

/// <summary>A connection whose pictures, end and faults are the test's choice: one step a grab.</summary>
internal sealed class FakeSource(SourceWatch watch, IEnumerable<FakeStep> steps, Action? disposed = null) : IFrameSource
{
    private readonly IEnumerator<FakeStep> _steps = steps.GetEnumerator();

    public long? FrameCount => null;

    public string? Format => null;

    public TimeSpan? PresentationTime => null;

    public int Discontinuities => 0;

    public string? EndRemark => null;

    public bool Grab(CancellationToken cancellationToken)
    {
        if (!_steps.MoveNext())
        {
            return false;
        }

        _steps.Current.Before?.Invoke();
        if (_steps.Current.Hang is { } hang)
        {
            watch.Enter();
            hang.Wait(CancellationToken.None);
            watch.Leave();
        }

        return _steps.Current.Fault is { } fault ? throw fault : true;
    }

    public bool Retrieve(Frame frame)
    {
        frame.Reserve(16, 16);
        return !_steps.Current.Empty;
    }

    public void Dispose()
    {
        _steps.Dispose();
        disposed?.Invoke();
    }
}

/// <summary>What a grab does.</summary>
/// <param name="Before">Done first.</param>
/// <param name="Hang">Native code that returns only when this is set.</param>
/// <param name="Fault">Thrown instead of a picture.</param>
/// <param name="Empty">Whether there is no picture to retrieve.</param>
internal sealed record FakeStep(Action? Before = null, ManualResetEventSlim? Hang = null, Exception? Fault = null, bool Empty = false);
