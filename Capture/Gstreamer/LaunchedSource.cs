using OpenCvSharp;

namespace Pipeline.Capture;

/// <summary>What a GStreamer launch line gives, through OpenCV's VideoCapture.</summary>
internal sealed class LaunchedSource : IFrameSource
{
    private readonly SourceAddress _address;
    private readonly SourceLimits _limits;
    private readonly SourceWatch _watch;
    private readonly TimeProvider _time;
    private readonly VideoCapture _capture;

    private LaunchedSource(SourceAddress address, SourceLimits limits, SourceWatch watch, TimeProvider time, VideoCapture capture)
    {
        _address = address;
        _limits = limits;
        _watch = watch;
        _time = time;
        _capture = capture;
    }

    /// <inheritdoc/>
    public long? FrameCount => null;

    /// <inheritdoc/>
    public string Format => CaptureFormat.Describe(_capture);

    /// <inheritdoc/>
    public TimeSpan? PresentationTime => null;

    /// <inheritdoc/>
    public int Discontinuities => 0;

    /// <inheritdoc/>
    public string? EndRemark => null;

    /// <summary>Checks the line and starts it.</summary>
    /// <exception cref="SourceException">It is wrong, or gives no picture.</exception>
    public static LaunchedSource Open(SourceAddress address, SourceLimits limits, SourceWatch watch, TimeProvider time)
    {
        string line = LaunchLine.Complete(address.LaunchLine);
        watch.Enter();
        LaunchLine.Check(line);
        var capture = new VideoCapture(
            line,
            VideoCaptureAPIs.GSTREAMER,
            [
                (int)VideoCaptureProperties.OpenTimeoutMsec, (int)limits.Open.TotalMilliseconds,
                (int)VideoCaptureProperties.ReadTimeoutMsec, (int)limits.Read.TotalMilliseconds,
            ]);
        var source = new LaunchedSource(address, limits, watch, time, capture);
        try
        {
            watch.Leave();
            return capture.IsOpened()
                ? source
                : throw new SourceException(
                    $"{address} gives no picture: an element fails, or none came within {limits.Open.TotalSeconds:0.#} s."
                    + " gst-launch-1.0 -v says more.");
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool Grab(CancellationToken cancellationToken)
    {
        long before = _time.GetTimestamp();
        bool grabbed = _watch.Grab(_capture);
        return grabbed
            ? true
            : throw new SourceException(_time.GetElapsedTime(before) >= _limits.Read
                ? $"{_address} gave nothing for {_limits.Read.TotalSeconds:0.#} s."
                : $"{_address} has ended.");
    }

    /// <inheritdoc/>
    public bool Retrieve(Frame frame) => _watch.Retrieve(_capture, frame);

    /// <inheritdoc/>
    public void Dispose() => _watch.Close(_capture);
}
