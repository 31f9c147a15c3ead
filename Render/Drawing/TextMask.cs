using OpenCvSharp;

namespace Pipeline.Render;

/// <summary>
/// A text as the share of each pixel that it covers, as high as a plate. OpenCV's stroke font is drawn several times as
/// large and scaled down, which gives smooth, evenly spaced letters at small sizes; it is slow, so masks are kept.
/// </summary>
internal sealed class TextMask
{
    private const HersheyFonts Font = HersheyFonts.HersheySimplex;

    /// <summary>How many times as large the text is drawn.</summary>
    private const int Oversampling = 4;

    /// <summary>Height of a capital letter at scale 1, between the middles of its strokes.</summary>
    private const double FontCapHeight = 21;

    /// <summary>Width of a stroke as a share of a capital letter's height.</summary>
    private const double StrokeShare = 0.15;

    private readonly byte[] _coverage;

    /// <summary>Draws a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="style">The sizes.</param>
    public TextMask(string text, AnnotationStyle style)
    {
        int stroke = (int)Math.Round(style.CapHeight * Oversampling * StrokeShare);
        double scale = ((style.CapHeight * Oversampling) - stroke) / FontCapHeight;
        Size size = Cv2.GetTextSize(text, Font, scale, stroke, out _);
        Advance = (size.Width - stroke + (Oversampling / 2)) / Oversampling;
        Width = Math.Max((size.Width + Oversampling - 1) / Oversampling, 1);
        Height = style.PlateHeight;
        using var large = new Mat(Height * Oversampling, Width * Oversampling, MatType.CV_8UC1, Scalar.All(0));
        var origin = new Point(stroke / 2, ((style.Padding + style.CapHeight) * Oversampling) - (stroke / 2));
        Cv2.PutText(large, text, origin, Font, scale, Scalar.All(255), stroke, LineTypes.AntiAlias);
        using Mat small = large.Resize(new Size(Width, Height), interpolation: InterpolationFlags.Area);
        _coverage = small.AsSpan<byte>().ToArray();
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Columns to where a text that goes on begins.</summary>
    public int Advance { get; }

    /// <summary>Rows: as many as a plate has.</summary>
    public int Height { get; }

    /// <summary>The coverage of one row's pixels, 0 to 255.</summary>
    /// <param name="y">The row.</param>
    public ReadOnlySpan<byte> Row(int y) => _coverage.AsSpan(y * Width, Width);
}
