using Microsoft.Extensions.Logging;
using OpenCvSharp;

namespace Pipeline.Render;

/// <summary>
/// Records the annotated frames of one source where there is no ffmpeg: through OpenCV, in an AVI file, which survives a crash
/// where OpenCV's MP4 would be lost. The file is begun with the first frame, whose size it has.
/// </summary>
public sealed partial class VideoWriterSink : ISink
{
    private readonly string _path;
    private VideoFileWriter? _writer;
    private Size _size;
    private Mat? _scaled;

    /// <summary>Makes a sink, says in the log what will be written, and checks at once that it can be.</summary>
    /// <param name="path">The file that was asked for; the one that is written has its name and ends in .avi.</param>
    /// <param name="logger">The log.</param>
    /// <exception cref="OutputException">The file can't be written.</exception>
    public VideoWriterSink(string path, ILogger logger)
    {
        _path = Path.ChangeExtension(path, VideoFileWriter.Ending);
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
        if (_writer is null)
        {
            _size = image.Size();
            _writer = new VideoFileWriter(_path, _size);
        }

        _writer.Write(image.Size() == _size ? image : Scale(image), result.Frame.PresentationTime);
    }

    /// <inheritdoc/>
    public void Complete() => _writer?.Complete();

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer?.Dispose();
        if (_writer is null)
        {
            // Nothing came: an empty file would only look like a recording.
            File.Delete(_path);
        }

        _scaled?.Dispose();
    }

    private Mat Scale(Mat image)
    {
        _scaled ??= new Mat();
        Cv2.Resize(image, _scaled, _size, 0, 0, InterpolationFlags.Area);
        return _scaled;
    }

    private static partial class Log
    {
        [LoggerMessage(55, LogLevel.Warning, "There is no ffmpeg here, so OpenCV records into {Path} instead of {Wanted}: an AVI file survives a crash, an MP4 of OpenCV's does not. Install ffmpeg for MP4.")]
        public static partial void NoFfmpeg(ILogger logger, string path, string wanted);
    }
}
