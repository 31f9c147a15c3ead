using Microsoft.Extensions.Logging;
using OpenCvSharp;

namespace Pipeline.Render;

/// <summary>
/// Records the annotated frames of one source where there is no ffmpeg: through OpenCV, in an AVI file, which survives a crash
/// where OpenCV's MP4 would be lost. The file is begun with the first frame, whose size it has.
/// </summary>
public sealed partial class VideoWriterSink : ISink
{
    /// <summary>The longest time without frames that is filled; filling a night would take all its pictures, at once.</summary>
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly ILogger _logger;
    private VideoFileWriter? _writer;

    /// <summary>Whether there is a film in <see cref="_path"/>, so that another one has another name.</summary>
    private bool _hasBegun;

    /// <summary>When the last frame is shown.</summary>
    private TimeSpan _last;

    private Size _size;
    private Mat? _scaled;

    /// <summary>Makes a sink, says in the log what will be written, and checks at once that it can be.</summary>
    /// <param name="path">The file that was asked for; the one that is written has its name and ends in .avi.</param>
    /// <param name="logger">The log.</param>
    /// <exception cref="OutputException">The file can't be written.</exception>
    public VideoWriterSink(string path, ILogger logger)
    {
        _path = Path.ChangeExtension(path, VideoFileWriter.Ending);
        _logger = logger;
        Log.NoFfmpeg(logger, _path, path);
        OutputFile.Create(_path).Dispose();
    }

    /// <inheritdoc/>
    public string Name => $"recording {_path}";

    /// <inheritdoc/>
    public bool NeedsPixels => true;

    /// <inheritdoc/>
    public void Write(FrameResult result)
    {
        Mat image = result.Frame.Image;
        TimeSpan time = result.Frame.PresentationTime;
        if (time - _last > LongestGap)
        {
            End();
        }

        _writer ??= Begin(image.Size());
        _last = time;
        _writer.Write(image.Size() == _size ? image : Scale(image), time);
    }

    /// <inheritdoc/>
    public void Complete() => _writer?.Complete();

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer?.Dispose();
        if (!_hasBegun)
        {
            // Nothing came: an empty file would only look like a recording.
            File.Delete(_path);
        }

        _scaled?.Dispose();
    }

    private VideoFileWriter Begin(Size size)
    {
        string path = _hasBegun ? OutputFile.NextPart(_path) : _path;
        if (_hasBegun)
        {
            Log.GoesOnIn(_logger, Name, path, LongestGap.TotalSeconds);
        }

        _hasBegun = true;
        _size = size;
        return new VideoFileWriter(path, size);
    }

    private void End()
    {
        using VideoFileWriter? ended = _writer;
        _writer = null;
        ended?.Complete();
    }

    private Mat Scale(Mat image)
    {
        _scaled ??= new Mat();
        Cv2.Resize(image, _scaled, _size, 0, 0, InterpolationFlags.Area);
        return _scaled;
    }

    private static partial class Log
    {
        [LoggerMessage(56, LogLevel.Information, "{Recording} goes on in {Path}: no frame came for more than {Seconds} s.")]
        public static partial void GoesOnIn(ILogger logger, string recording, string path, double seconds);

        [LoggerMessage(55, LogLevel.Warning, "There is no ffmpeg here, so OpenCV records into {Path} instead of {Wanted}: an AVI file survives a crash, an MP4 of OpenCV's does not. Install ffmpeg for MP4.")]
        public static partial void NoFfmpeg(ILogger logger, string path, string wanted);
    }
}
