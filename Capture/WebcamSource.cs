using OpenCvSharp;

namespace Pipeline.Capture;

/// <summary>A webcam of this machine, through OpenCV's VideoCapture and Video4Linux.</summary>
internal sealed class WebcamSource : IFrameSource
{
    private readonly SourceAddress _address;
    private readonly SourceLimits _limits;
    private readonly SourceWatch _watch;
    private readonly TimeProvider _time;
    private readonly VideoCapture _capture;

    private WebcamSource(SourceAddress address, SourceLimits limits, SourceWatch watch, TimeProvider time, VideoCapture capture)
    {
        _address = address;
        _limits = limits;
        _watch = watch;
        _time = time;
        _capture = capture;
        Format = CaptureFormat.Describe(capture);
    }

    /// <inheritdoc/>
    public long? FrameCount => null;

    /// <inheritdoc/>
    public string Format { get; }

    /// <inheritdoc/>
    public TimeSpan? PresentationTime => null;

    /// <inheritdoc/>
    public int Discontinuities => 0;

    /// <inheritdoc/>
    public string? EndRemark => null;

    /// <summary>Opens it.</summary>
    /// <exception cref="SourceException">It is not there, or somebody else has it.</exception>
    public static WebcamSource Open(SourceAddress address, SourceReaderOptions options, SourceWatch watch, TimeProvider time)
    {
        watch.Enter();
        var capture = new VideoCapture(address.CameraIndex, VideoCaptureAPIs.V4L2);
        Ask(capture, options.Webcam.WithPixelFormat());
        var source = new WebcamSource(address, options.Limits, watch, time, capture);
        try
        {
            watch.Leave();
            return source._capture.IsOpened()
                ? source
                : throw new SourceException($"Camera {address} can't be opened: is it plugged in, free, and readable by this user?");
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
        long start = _time.GetTimestamp();
        while (!cancellationToken.IsCancellationRequested)
        {
            long before = _time.GetTimestamp();
            if (_watch.Grab(_capture))
            {
                return true;
            }

            if (_time.GetElapsedTime(start) >= _limits.Read)
            {
                throw new SourceException($"Camera {_address} gave no frame for {_limits.Read.TotalSeconds:0.#} s.");
            }

            // One that is silent lets the grab run into its time limit; one that is gone lets it fail at once.
            if (_time.GetElapsedTime(before) < NativeEnvironment.WebcamWait / 2)
            {
                throw new SourceException($"Camera {_address} is gone: was it unplugged?");
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public bool Retrieve(Frame frame) => _watch.Retrieve(_capture, frame);

    /// <inheritdoc/>
    public void Dispose() => _watch.Close(_capture);

    /// <summary>Asks for a format. What the camera made of it shows in <see cref="Format"/>.</summary>
    private static void Ask(VideoCapture capture, WebcamFormat format)
    {
        // The pixel format first: each one has its own sizes and rates.
        if (format.PixelFormat is { } pixelFormat)
        {
            capture.FourCC = pixelFormat;
        }

        if (format.Width is { } width)
        {
            capture.FrameWidth = width;
        }

        if (format.Height is { } height)
        {
            capture.FrameHeight = height;
        }

        if (format.FramesPerSecond is { } rate)
        {
            capture.Fps = rate;
        }
    }
}
