using OpenCvSharp;

namespace Pipeline.Capture;

/// <summary>A video file, through OpenCV's VideoCapture and FFmpeg.</summary>
internal sealed class VideoFileSource : IFrameSource
{
    private readonly SourceAddress _address;
    private readonly SourceReaderOptions _options;
    private readonly SourceWatch _watch;

    /// <summary>By the declared rate: what a frame without a time of its own is given.</summary>
    private readonly TimeSpan _frameDuration;
    private VideoCapture _capture;
    private TimeSpan _firstTime = TimeSpan.MinValue;
    private TimeSpan _offset;
    private TimeSpan _time = TimeSpan.MinValue;

    private VideoFileSource(SourceAddress address, SourceReaderOptions options, SourceWatch watch, VideoCapture capture)
    {
        _address = address;
        _options = options;
        _watch = watch;
        _capture = capture;
        double rate = capture.Fps;
        _frameDuration = TimeSpan.FromSeconds(1 / (rate is > 0 and < 1000 ? rate : 25));
        int count = capture.FrameCount;
        Format = options.HardwareDecoding == VideoAccelerationType.None ? null : CaptureFormat.DescribeDecoder(capture);
        FrameCount = count > 0 && !options.Loop ? count : null;
    }

    /// <inheritdoc/>
    public long? FrameCount { get; }

    /// <inheritdoc/>
    public string? Format { get; }

    /// <inheritdoc/>
    public TimeSpan? PresentationTime => _time;

    /// <summary>Opens it.</summary>
    /// <exception cref="SourceException">It is not there, not readable, or no video.</exception>
    public static VideoFileSource Open(SourceAddress address, SourceReaderOptions options, SourceWatch watch, CancellationToken cancellationToken)
    {
        RequireFile(address.Target);
        VideoCapture capture = FfmpegCapture.OpenFile(address.Target, options.HardwareDecoding, watch, cancellationToken);
        if (capture.IsOpened())
        {
            return new VideoFileSource(address, options, watch, capture);
        }

        capture.Dispose();
        throw new SourceException($"'{address}' is no video that can be read: the file is damaged, incomplete or of an unknown format.");
    }

    /// <inheritdoc/>
    public bool Grab(CancellationToken cancellationToken)
    {
        if (!_capture.Grab())
        {
            if (!_options.Loop || !Rewind(cancellationToken))
            {
                return false;
            }
        }

        AdvanceTime();
        return true;
    }

    /// <inheritdoc/>
    public bool Retrieve(Frame frame) => frame.TryRetrieve(_capture);

    /// <inheritdoc/>
    public void Dispose() => _capture.Dispose();

    private static void RequireFile(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new SourceException($"There is no file '{path}'.");
        }

        if (file.Length == 0)
        {
            throw new SourceException($"'{path}' is empty (0 bytes).");
        }

        try
        {
            using FileStream stream = file.OpenRead();
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new SourceException($"'{path}' can't be read: {e.Message}", e);
        }
    }

    /// <summary>Starts the file anew, its times going on where they were.</summary>
    private bool Rewind(CancellationToken cancellationToken)
    {
        _capture.Dispose();
        _capture = FfmpegCapture.OpenFile(_address.Target, _options.HardwareDecoding, _watch, cancellationToken);
        _offset = _time + _frameDuration;
        _firstTime = TimeSpan.MinValue;
        return _capture.IsOpened() && _capture.Grab();
    }

    /// <summary>Takes the container's time of the grabbed frame; where it does not rise, one frame's duration is added.</summary>
    private void AdvanceTime()
    {
        TimeSpan position = TimeSpan.FromMilliseconds(_capture.Get(VideoCaptureProperties.PosMsec));
        if (_firstTime == TimeSpan.MinValue)
        {
            _firstTime = position;
        }

        TimeSpan time = position - _firstTime + _offset;
        _time = _time == TimeSpan.MinValue || time > _time ? time : _time + _frameDuration;
    }
}
