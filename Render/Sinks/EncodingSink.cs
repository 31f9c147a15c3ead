using Microsoft.Extensions.Logging;
using OpenCvSharp;

namespace Pipeline.Render;

/// <summary>
/// Encodes the annotated frames of one source, once, and hands the fragments to everything that wants them: recorders and
/// streams. An encoder that dies or stalls is started anew; a hardware encoder that does not even begin gives way to software.
/// </summary>
public sealed partial class EncodingSink : ISink
{
    /// <summary>
    /// After a longer silence a new encoder begins: a frame in an MP4 of ffmpeg's lasts 6.6 hours at most, and after one that lasts longer
    /// all times are wrong.
    /// </summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromHours(1);

    private readonly FragmentStage[] _stages;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly PresentationClock _clock = new();
    private EncoderOptions _options;
    private FfmpegEncoder? _encoder;
    private long _nextFragment;

    /// <summary>When the last frame is shown.</summary>
    private TimeSpan _last;

    /// <summary>Whether the last encoder gave at least one fragment.</summary>
    private bool _hasWorked;
    private Size _size;
    private Mat? _scaled;

    /// <summary>Makes a sink; the encoder starts with the first frame, whose size the video has.</summary>
    /// <param name="name">What it is, for the log.</param>
    /// <param name="options">How to encode.</param>
    /// <param name="consumers">What takes the fragments; the sink completes and disposes them.</param>
    /// <param name="waits">Whether no fragment may be lost, as with a file, so that slow consumers slow the encoder, and a slow encoder the file.</param>
    /// <param name="logger">The log.</param>
    /// <param name="time">The clock.</param>
    public EncodingSink(
        string name, EncoderOptions options, IEnumerable<IFragmentConsumer> consumers, bool waits, ILogger logger, TimeProvider time)
    {
        Name = name;
        _options = options;
        _stages = [.. consumers.Select(consumer => new FragmentStage(consumer, waits, logger, time))];
        _logger = logger;
        _time = time;
        Parts = [.. _stages.Select(stage => stage.Health)];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool NeedsPixels => true;

    /// <inheritdoc/>
    public IReadOnlyList<OutputHealth> Parts { get; }

    /// <summary>The encoder's process; null where none runs.</summary>
    internal int? ProcessId => _encoder?.ProcessId;

    /// <inheritdoc/>
    public void Write(FrameResult result)
    {
        if (_size == default)
        {
            _size = result.Frame.Image.Size();
        }

        TimeSpan time = _clock.Next(result.Frame.PresentationTime);
        try
        {
            Encode(result, time);
        }
        catch (OutputException e) when (CanGoOnAfter(e))
        {
            Encode(result, time);
        }
    }

    /// <inheritdoc/>
    public void Complete()
    {
        try
        {
            _encoder?.Complete();
        }
        finally
        {
            Array.ForEach(_stages, stage => stage.Complete());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        EndEncoder();
        Array.ForEach(_stages, stage => stage.Dispose());
        _scaled?.Dispose();
    }

    private void Encode(FrameResult result, TimeSpan time)
    {
        Mat image = result.Frame.Image;
        bool isAfterSilence = time - _last > LongestSilence;
        _last = time;
        if (isAfterSilence)
        {
            CompleteEncoder();
        }

        _encoder ??= new FfmpegEncoder(_options, _size, time, _nextFragment, HandOn, _time);
        try
        {
            _encoder.Write(image.Size() == _size ? image : Scale(image), time, result.Frame.CapturedAt, result.Detections);
        }
        catch (OutputException)
        {
            EndEncoder();
            throw;
        }
    }

    /// <summary>Whether a new encoder is worth trying at once: the old one did work, or software can take over.</summary>
    private bool CanGoOnAfter(OutputException failure)
    {
        if (_hasWorked)
        {
            // The next one must prove itself: one that fails at once is a matter for the retries of the stage.
            _hasWorked = false;
            Log.StartedAnew(_logger, Name, failure.Message);
            return true;
        }

        if (_options.Encoder == VideoEncoder.Software)
        {
            return false;
        }

        Log.SoftwareTakesOver(_logger, Name, _options.Encoder, failure.Message);
        _options = _options.InSoftware();
        return true;
    }

    private void CompleteEncoder()
    {
        try
        {
            _encoder?.Complete();
        }
        finally
        {
            EndEncoder();
        }
    }

    private void EndEncoder()
    {
        if (_encoder is { } encoder)
        {
            _encoder = null;
            encoder.Dispose();
            _nextFragment += encoder.Fragments;
            _hasWorked = encoder.Fragments > 0;
        }
    }

    private void HandOn(EncodedFragment fragment)
    {
        foreach (FragmentStage stage in _stages)
        {
            stage.Offer(fragment);
        }

        fragment.Release();
    }

    private Mat Scale(Mat image)
    {
        _scaled ??= new Mat();
        Cv2.Resize(image, _scaled, _size, 0, 0, InterpolationFlags.Area);
        return _scaled;
    }

    private static partial class Log
    {
        [LoggerMessage(50, LogLevel.Warning, "{Sink}: the encoder is started anew, a moment is missing. {Reason}")]
        public static partial void StartedAnew(ILogger logger, string sink, string reason);

        [LoggerMessage(51, LogLevel.Warning, "{Sink}: the hardware encoder {Encoder} does not work here, and x264 encodes on the processor instead. {Reason}")]
        public static partial void SoftwareTakesOver(ILogger logger, string sink, VideoEncoder encoder, string reason);
    }
}
