using OpenCvSharp;

namespace Pipeline.Render;

/// <summary>
/// Encodes frames of one size as MPEG-4 into an AVI file through OpenCV, where there is no ffmpeg. OpenCV writes a constant rate: the distance of the first two frames
/// chooses it, and every later frame is repeated or left out so that each stands at its own time.
/// </summary>
/// <remarks>
/// AVI keeps nearly all in a crash; OpenCV's MP4 would lose everything, since its index is written last. OpenCV does not tell
/// when a write fails, so a full disk shows only as a file that is too short. One thread at a time.
/// </remarks>
internal sealed class VideoFileWriter : IDisposable
{
    /// <summary>What the files' names end in.</summary>
    public const string Ending = ".avi";


    private const double LowestRate = 1;
    private const double HighestRate = 120;

    private readonly string _path;
    private readonly Size _size;
    private readonly PresentationClock _clock = new();
    private readonly Mat _first = new();
    private VideoWriter? _writer;
    private double _rate = 25;
    private long _placed;

    /// <summary>Makes a writer; the file is opened with the second frame, which tells the rate.</summary>
    /// <param name="path">The file; an .avi.</param>
    /// <param name="size">The size of all frames.</param>
    public VideoFileWriter(string path, Size size)
    {
        _path = path;
        _size = size;
    }

    /// <summary>Frames taken so far.</summary>
    public long FramesWritten { get; private set; }

    /// <summary>Takes a frame; the pixels may change when it returns.</summary>
    /// <param name="image">8 bits a channel, blue, green, red, of the size that the writer was made for.</param>
    /// <param name="presentationTime">When it is to be shown; one that does not rise is mended. The file begins at the first.</param>
    /// <exception cref="ArgumentException">The frame has another size.</exception>
    /// <exception cref="OutputException">The file can't be opened.</exception>
    public void Write(Mat image, TimeSpan presentationTime)
    {
        if (image.Size() != _size)
        {
            throw new ArgumentException($"The frame is {image.Size()}, the file {_size}.", nameof(image));
        }

        TimeSpan time = _clock.Next(presentationTime);
        if (FramesWritten++ == 0)
        {
            image.CopyTo(_first);
            return;
        }

        if (_writer is null)
        {
            _rate = Math.Clamp(1 / time.TotalSeconds, LowestRate, HighestRate);
            Open();
        }

        long place = (long)Math.Round(time.TotalSeconds * _rate);
        for (; _placed <= place; _placed++)
        {
            _writer!.Write(image);
        }
    }

    /// <summary>Finishes the file. Without this, disposal does the same, but tells no errors.</summary>
    /// <exception cref="OutputException">It could not be opened.</exception>
    public void Complete()
    {
        if (_writer is null && FramesWritten > 0)
        {
            Open(); // a single frame is a video too
        }

        _writer?.Release();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Complete();
        }
        catch (OutputException)
        {
            // Whoever wanted to know has called Complete.
        }

        _writer?.Dispose();
        _first.Dispose();
    }

    private void Open()
    {
        var writer = new VideoWriter(_path, VideoCaptureAPIs.FFMPEG, FourCC.FromString("XVID"), _rate, _size);
        if (!writer.IsOpened())
        {
            writer.Dispose();
            throw new OutputException(
                $"'{_path}' can't be written: its folder can't be, or OpenCV has no encoder for it. Check the folder, or install ffmpeg.");
        }

        _writer = writer;
        _writer.Write(_first);
        _placed = 1;
    }
}
