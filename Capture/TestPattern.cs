using System.Globalization;
using System.Text.RegularExpressions;
using OpenCvSharp;

namespace Pipeline.Capture;

/// <summary>
/// What a test:// address asks for, and where its shapes stand: boxes drift over a shaded background and turn back at the edges.
/// </summary>
/// <param name="Width">Pixels in a row, 16 to 7680.</param>
/// <param name="Height">Rows, 16 to 4320.</param>
/// <param name="FramesPerSecond">Rate, above 0 and up to 1000.</param>
/// <param name="Count">Frames before it ends; null for an endless one.</param>
/// <param name="Sources">How many sources the address stands for in a configuration, 1 to 256.</param>
public sealed partial record TestPattern(int Width, int Height, double FramesPerSecond, long? Count = null, int Sources = 1)
{
    /// <summary>How many shapes there are. A later one covers an earlier one.</summary>
    public const int Shapes = 6;

    /// <summary>Blue, green, red; no colour of the background.</summary>
    private static readonly Scalar[] Colors =
        [new(60, 76, 231), new(113, 204, 46), new(219, 152, 52), new(15, 196, 241), new(182, 89, 155), new(156, 188, 26)];

    /// <summary>The address of one source with this pattern.</summary>
    public string Address => string.Create(
        CultureInfo.InvariantCulture, $"test://{Width}x{Height}@{FramesPerSecond}{(Count is { } count ? $"?count={count}" : "")}");

    /// <summary>Understands test://WxH@FPS with an optional ?count=N, ?sources=N, or both with an ampersand between them.</summary>
    /// <exception cref="SourceException">It is malformed or out of range.</exception>
    public static TestPattern Parse(string text)
    {
        Match match = AddressPattern().Match(text);
        if (!match.Success)
        {
            throw new SourceException($"'{text}' is no test pattern: write test://640x480@30, with ?count=100 to end it or ?sources=8 for eight.");
        }

        var pattern = new TestPattern(
            int.Parse(match.Groups["width"].Value, CultureInfo.InvariantCulture),
            int.Parse(match.Groups["height"].Value, CultureInfo.InvariantCulture),
            double.Parse(match.Groups["rate"].Value, CultureInfo.InvariantCulture),
            match.Groups["count"] is { Success: true } count ? long.Parse(count.Value, CultureInfo.InvariantCulture) : null,
            match.Groups["sources"] is { Success: true } sources ? int.Parse(sources.Value, CultureInfo.InvariantCulture) : 1);

        if (pattern.Width is < 16 or > 7680 || pattern.Height is < 16 or > 4320)
        {
            throw new SourceException($"'{text}' asks for {pattern.Width}x{pattern.Height}: from 16x16 to 7680x4320 can be made.");
        }

        if (pattern.Sources is < 1 or > 256)
        {
            throw new SourceException($"'{text}' asks for {pattern.Sources} sources: 1 to 256 can be made.");
        }

        return pattern.FramesPerSecond is > 0 and <= 1000
            ? pattern
            : throw new SourceException($"'{text}' asks for {match.Groups["rate"].Value} frames a second: above 0 and up to 1000 can be made.");
    }

    /// <summary>A shape's colour: blue, green, red.</summary>
    /// <param name="shape">From 0 to <see cref="Shapes"/> - 1.</param>
    public static Scalar ColorOf(int shape) => Colors[shape];

    /// <summary>The pixels that a shape covers in a frame, unless a later shape covers them.</summary>
    /// <param name="shape">From 0 to <see cref="Shapes"/> - 1.</param>
    /// <param name="frame">From 0.</param>
    public Rect BoxOf(int shape, long frame)
    {
        int width = Math.Max(Width / (6 + shape), 1);
        int height = Math.Max(Height / (4 + shape), 1);
        int x = Bounce((frame * (2 + shape)) + (shape * 97), Width - width);
        int y = Bounce((frame * (1 + (shape % 3))) + (shape * 61), Height - height);
        return new Rect(x, y, width, height);
    }

    /// <summary>A position that goes from 0 to the range and back again.</summary>
    private static int Bounce(long position, int range)
    {
        long phase = position % (2L * range);
        return (int)(phase <= range ? phase : (2L * range) - phase);
    }

    [GeneratedRegex(
        @"^test://(?<width>\d{1,5})x(?<height>\d{1,5})@(?<rate>\d{1,6}(\.\d{1,6})?)"
        + @"([?&](count=(?<count>\d{1,15})|sources=(?<sources>\d{1,6}))){0,2}$",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex AddressPattern();
}
