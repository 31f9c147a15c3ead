using OpenCvSharp;

namespace Pipeline.Capture;

/// <summary>A live picture made by the program: a shaded background over which coloured boxes drift, at a steady rate.</summary>
/// <remarks>Frame n shows the same picture in every run, whatever the clock does.</remarks>
internal sealed class TestPatternSource : IFrameSource
{
    private readonly TestPattern _pattern;
    private readonly TimeProvider _time;
    private readonly Mat _background;
    private readonly TimeSpan _interval;
    private readonly long _start;
    private long _number = -1;

    /// <summary>Makes one; its first frame is due at once.</summary>
    public TestPatternSource(TestPattern pattern, TimeProvider time)
    {
        _pattern = pattern;
        _time = time;
        _interval = TimeSpan.FromSeconds(1 / pattern.FramesPerSecond);
        _background = DrawBackground(pattern.Width, pattern.Height);
        _start = time.GetTimestamp();
    }

    /// <inheritdoc/>
    public long? FrameCount => _pattern.Count;

    /// <inheritdoc/>
    public string? Format => null;

    /// <inheritdoc/>
    public TimeSpan? PresentationTime => null;

    /// <inheritdoc/>
    public int Discontinuities => 0;

    /// <inheritdoc/>
    public string? EndRemark => null;

    /// <inheritdoc/>
    public bool Grab(CancellationToken cancellationToken)
    {
        if (++_number >= _pattern.Count)
        {
            return false;
        }

        TimeSpan wait = (_interval * _number) - _time.GetElapsedTime(_start);
        return Pause.For(wait, _time, cancellationToken);
    }

    /// <inheritdoc/>
    public bool Retrieve(Frame frame)
    {
        Mat image = frame.Reserve(_pattern.Width, _pattern.Height);
        _background.CopyTo(image);
        for (int shape = 0; shape < TestPattern.Shapes; shape++)
        {
            Cv2.Rectangle(image, _pattern.BoxOf(shape, _number), TestPattern.ColorOf(shape), -1);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _background.Dispose();

    private static unsafe Mat DrawBackground(int width, int height)
    {
        var background = new Mat(height, width, MatType.CV_8UC3);
        for (int y = 0; y < height; y++)
        {
            var row = new Span<byte>((byte*)background.Data + (y * background.Step()), width * 3);
            for (int x = 0; x < width; x++)
            {
                row[3 * x] = (byte)(40 + (60 * y / height));
                row[(3 * x) + 1] = (byte)(40 + (60 * x / width));
                row[(3 * x) + 2] = 48;
            }
        }

        return background;
    }
}
