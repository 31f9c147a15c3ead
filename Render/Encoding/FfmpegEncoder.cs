using OpenCvSharp;
using Pipeline.PostProcess;

namespace Pipeline.Render;

/// <summary>
/// One run of an ffmpeg process that encodes frames with their own times as H.264 and gives them back as fragments. One thread
/// writes; a thread of its own hands the fragments on.
/// </summary>
/// <remarks>
/// Memory on our side: one frame as I420, a note of each frame inside (1024 at most), and the fragment that is being read; what
/// becomes of finished fragments is their taker's affair. ffmpeg's own is bounded by encoding without looking ahead.
/// </remarks>
internal sealed unsafe class FfmpegEncoder : IDisposable
{
    /// <summary>The longest side that x264 takes.</summary>
    private const int LargestSide = 16384;

    private readonly Size _taken;
    private readonly Size _encoded;
    private readonly TimeSpan _start;
    private readonly long _firstNumber;
    private readonly FfmpegProcess _process;
    private readonly Action<EncodedFragment> _onFragment;
    private readonly FrameNotes _notes = new();
    private readonly Thread _reader;
    private readonly Mat _planes = new();
    private readonly byte[] _frameHeader = new byte[MatroskaStream.FrameHeaderLength];

    private long _fragments;
    private volatile bool _hasEnded;

    /// <summary>Starts the process.</summary>
    /// <param name="options">How to encode.</param>
    /// <param name="size">The size of all frames, 2×2 to 16384×16384; of an odd side the last row or column is left out.</param>
    /// <param name="start">The time of the first frame.</param>
    /// <param name="firstNumber">The number of the first fragment.</param>
    /// <param name="onFragment">Takes each fragment, with its lease, on a thread of the encoder's.</param>
    /// <param name="time">The clock by which the process is looked at.</param>
    /// <exception cref="OutputException">The pictures are too small or too large, or the process can't be started.</exception>
    public FfmpegEncoder(
        EncoderOptions options,
        Size size,
        TimeSpan start,
        long firstNumber,
        Action<EncodedFragment> onFragment,
        TimeProvider time)
    {
        if (size.Width is < 2 or > LargestSide || size.Height is < 2 or > LargestSide)
        {
            throw new OutputException($"pictures of {size.Width}x{size.Height} can't be encoded; H.264 takes 2x2 to {LargestSide}x{LargestSide}.");
        }

        _taken = size;

        // H.264 with 4:2:0 sampling halves both sides.
        _encoded = new Size(size.Width & ~1, size.Height & ~1);
        _start = start;
        _firstNumber = firstNumber;
        _onFragment = onFragment;
        _process = new FfmpegProcess(FfmpegArguments.For(options), time);
        _reader = new Thread(ReadFragments) { IsBackground = true, Name = "encoder" };
        _reader.Start();
    }

    /// <summary>Fragments that came out so far.</summary>
    public long Fragments => Volatile.Read(ref _fragments);

    /// <summary>The process's identifier.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Takes a frame; the pixels may change when it returns. It blocks while the encoder is busy.</summary>
    /// <param name="image">8 bits a channel, blue, green, red, of the encoder's size.</param>
    /// <param name="time">When it is to be shown, later than the frame before it.</param>
    /// <param name="capturedAt">When it was captured, in UTC.</param>
    /// <param name="detections">What was found on it.</param>
    /// <exception cref="ArgumentException">The frame has another size.</exception>
    /// <exception cref="OutputException">The process has died, or stalls and was ended.</exception>
    public void Write(Mat image, TimeSpan time, DateTimeOffset capturedAt, ReadOnlySpan<Detection> detections)
    {
        if (image.Size() != _taken)
        {
            throw new ArgumentException($"The frame is {image.Size()}, the encoder takes {_taken}.", nameof(image));
        }

        if (_hasEnded)
        {
            throw _process.Failure();
        }

        if (_fragments == 0 && _notes.Count == 0)
        {
            _process.Write(MatroskaStream.Header(_encoded));
        }

        if (!_notes.TryAdd(capturedAt, detections))
        {
            throw _process.Abandon("it takes frames and gives none back");
        }

        Convert(image);
        int bytes = _encoded.Width * _encoded.Height * 3 / 2;
        MatroskaStream.WriteFrameHeader(_frameHeader, time - _start, bytes);
        _process.Write(_frameHeader);
        _process.Write(new ReadOnlySpan<byte>(_planes.DataPointer, bytes));
    }

    /// <summary>Ends the input and waits until the last fragment has been handed on.</summary>
    /// <exception cref="OutputException">The process failed, or stalled and was ended.</exception>
    public void Complete()
    {
        try
        {
            _process.Finish();
        }
        finally
        {
            // The process is gone, and with it the other end of the pipe.
            _reader.Join();
        }
    }

    /// <summary>Ends the process at once if <see cref="Complete"/> was not called; what it has not given yet is lost.</summary>
    public void Dispose()
    {
        _process.End();
        _reader.Join();
        _process.Dispose();
        _process.Output.Dispose();
        _planes.Dispose();
    }

    private void ReadFragments()
    {
        try
        {
            var reader = new FragmentReader(_process.Output);
            if (reader.ReadInit() is { } init)
            {
                while (reader.ReadFragment() is { } raw)
                {
                    HandOn(raw, init);
                }
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            // Nobody reads any more: it could not go on, and would be excused for that for ever.
            _ = _process.Abandon($"its output can't be read: {e.Message.TrimEnd('.')}");
        }
        finally
        {
            _hasEnded = true;
        }
    }

    private void HandOn(RawFragment raw, InitSegment init)
    {
        (DateTimeOffset capturedAt, ClassSet classes) = _notes.Take(raw.Head.Frames);
        var fragment = new EncodedFragment(
            raw, init, _firstNumber + _fragments, MovieFragment.TicksOf(_start), capturedAt, classes);
        Volatile.Write(ref _fragments, _fragments + 1);
        _process.HasGiven();
        _onFragment(fragment);
    }

    private void Convert(Mat image)
    {
        if (_encoded == _taken)
        {
            Cv2.CvtColor(image, _planes, ColorConversionCodes.BGR2YUV_I420);
            return;
        }

        using Mat even = image.SubMat(0, _encoded.Height, 0, _encoded.Width);
        Cv2.CvtColor(even, _planes, ColorConversionCodes.BGR2YUV_I420);
    }
}
