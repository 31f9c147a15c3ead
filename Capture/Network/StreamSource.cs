using OpenCvSharp;

namespace Pipeline.Capture;

/// <summary>A stream from the network, through OpenCV's VideoCapture and FFmpeg.</summary>
internal sealed class StreamSource : IFrameSource
{
    private readonly SourceAddress _address;
    private readonly SourceLimits _limits;
    private readonly SourceWatch _watch;
    private readonly TimeProvider _time;
    private readonly VideoCapture _capture;
    private readonly Size _size;
    private bool _delivered;

    private StreamSource(SourceAddress address, SourceReaderOptions options, SourceWatch watch, TimeProvider time, VideoCapture capture)
    {
        _address = address;
        _limits = options.Limits;
        _watch = watch;
        _time = time;
        _capture = capture;

        // A film on a web server has an end; a camera has none, whatever it claims.
        int count = address.IsOverHttp ? capture.FrameCount : 0;
        FrameCount = count > 0 ? count : null;
        _size = CaptureFormat.SizeOf(capture);
        Format = CaptureFormat.Describe(capture, options.HardwareDecoding);
    }

    /// <inheritdoc/>
    public long? FrameCount { get; }

    /// <inheritdoc/>
    public string Format { get; }

    /// <inheritdoc/>
    public TimeSpan? PresentationTime => null;

    /// <inheritdoc/>
    public int Discontinuities => 0;

    /// <inheritdoc/>
    public string? EndRemark => null;

    /// <summary>Opens it, once its server answers.</summary>
    /// <exception cref="SourceException">The server is not there, refuses, or sends nothing that can be decoded.</exception>
    public static StreamSource Open(
        SourceAddress address, SourceReaderOptions options, SourceWatch watch, TimeProvider time, CancellationToken cancellationToken)
    {
        // A server that is away would otherwise keep all other streams from being opened for as long as it is waited for.
        StreamProbe.Check(address, options.Limits.Open, time, cancellationToken);
        VideoCapture capture = FfmpegCapture.OpenStream(address.Target, options, watch, cancellationToken);
        if (capture.IsOpened())
        {
            return new StreamSource(address, options, watch, time, capture);
        }

        capture.Dispose();
        throw new SourceException($"{address} can't be opened: its server answers, but sends nothing that can be decoded.");
    }

    /// <inheritdoc/>
    public bool Grab(CancellationToken cancellationToken)
    {
        long before = _time.GetTimestamp();
        bool grabbed = _watch.Grab(_capture);

        // After its time limit FFmpeg gives the frame before once more, as if it were new, and never another one.
        if (_time.GetElapsedTime(before) >= _limits.Read)
        {
            throw new SourceException($"{_address} sent nothing for {_limits.Read.TotalSeconds:0.#} s.");
        }

        if (!grabbed)
        {
            CheckEnd();
        }

        _delivered |= grabbed;
        return grabbed;
    }

    /// <inheritdoc/>
    public bool Retrieve(Frame frame) => _watch.Retrieve(_capture, frame);

    /// <inheritdoc/>
    public void Dispose() => _watch.Close(_capture);

    /// <summary>Nothing more comes.</summary>
    /// <exception cref="SourceException">That is not the end of a film.</exception>
    private void CheckEnd()
    {
        // The library goes on with pictures of the first size, whatever comes: a new connection finds out the new one.
        if (CaptureFormat.SizeOf(_capture) is var size && size != _size)
        {
            throw new SourceException(
                $"{_address} changed its picture size from {_size.Width}x{_size.Height} to {size.Width}x{size.Height}.");
        }

        if (FrameCount is null)
        {
            throw new SourceException(_delivered ? $"{_address} closed the connection." : $"{_address} opens, but sends no picture.");
        }
    }
}
