using OpenCvSharp;

namespace Pipeline.Capture;

/// <summary>A video file, through OpenCV's VideoCapture and FFmpeg.</summary>
internal sealed class VideoFileSource : IFrameSource
{
    /// <summary>How far a frame may fall behind the one before without a jump: some files give them a little out of order.</summary>
    private static readonly TimeSpan LargestDisorder = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between two frames that does not count as a jump.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>Who was written to so lately is probably being written still.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(5);

    private readonly SourceAddress _address;
    private readonly SourceReaderOptions _options;
    private readonly SourceWatch _watch;

    /// <summary>By the declared rate: what a frame without a time of its own is given.</summary>
    private readonly TimeSpan _frameDuration;
    private readonly Size _size;
    private readonly long _length;
    private VideoCapture _capture;

    /// <summary>From the file's times to the frames'; null where the next frame's time is to follow on the one before.</summary>
    private TimeSpan? _offset;
    private TimeSpan _time = TimeSpan.MinValue;

    private VideoFileSource(SourceAddress address, SourceReaderOptions options, SourceWatch watch, VideoCapture capture)
    {
        _address = address;
        _options = options;
        _watch = watch;
        _capture = capture;
        _size = CaptureFormat.SizeOf(capture);
        _length = new FileInfo(address.Target).Length;
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

    /// <inheritdoc/>
    public int Discontinuities { get; private set; }

    /// <inheritdoc/>
    public string? EndRemark
    {
        get
        {
            if (CaptureFormat.SizeOf(_capture) is var size && size != _size)
            {
                return $"'{_address}' was read up to where its pictures change"
                    + $" from {_size.Width}x{_size.Height} to {size.Width}x{size.Height}.";
            }

            var file = new FileInfo(_address.Target);
            return file.Exists && file.Length != _length ? $"'{_address}' was still being written: it was read as far as it went." : null;
        }
    }

    /// <summary>Opens it.</summary>
    /// <exception cref="SourceException">It is not there, not readable, or no video.</exception>
    public static VideoFileSource Open(
        SourceAddress address, SourceReaderOptions options, SourceWatch watch, TimeProvider time, CancellationToken cancellationToken)
    {
        RequireFile(address.Target);
        VideoCapture capture = FfmpegCapture.OpenFile(address.Target, options.HardwareDecoding, watch, cancellationToken);
        if (capture.IsOpened())
        {
            return new VideoFileSource(address, options, watch, capture);
        }

        capture.Dispose();
        bool isRecent = time.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(address.Target) < Lately;
        throw new SourceException(
            $"'{address}' is no video that can be read: the file is damaged, incomplete or of an unknown format"
            + (isRecent ? ", or still being written: it was changed a moment ago." : "."));
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
        _offset = null;
        return _capture.IsOpened() && _capture.Grab();
    }

    /// <summary>
    /// Takes the container's time of the grabbed frame, counted from the first one. Where it jumps back, the frames' times go on as
    /// if it had not; where it falls a little, one frame's duration is added.
    /// </summary>
    private void AdvanceTime()
    {
        TimeSpan position = TimeSpan.FromMilliseconds(_capture.Get(VideoCaptureProperties.PosMsec));
        if (_time == TimeSpan.MinValue)
        {
            _offset = -position;
            _time = TimeSpan.Zero;
            return;
        }

        TimeSpan next = _time + _frameDuration;
        TimeSpan step = position + (_offset ?? TimeSpan.Zero) - _time;
        if (_offset is null || step < -LargestDisorder)
        {
            _offset = next - position;
            Discontinuities++;
            _time = next;
            return;
        }

        Discontinuities += step > LongestPause ? 1 : 0;
        _time = step > TimeSpan.Zero ? _time + step : next;
    }
}
