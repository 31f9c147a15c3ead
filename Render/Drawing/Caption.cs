using System.Globalization;
using Pipeline.Capture;

namespace Pipeline.Render;

/// <summary>What stands in the caption, the line in a picture's lower left corner.</summary>
[Flags]
public enum CaptionParts
{
    /// <summary>There is no caption.</summary>
    None = 0,

    /// <summary>The source's name.</summary>
    Source = 1,

    /// <summary>When the frame was captured, in UTC.</summary>
    Clock = 2,

    /// <summary>Frames a second, over the last ones.</summary>
    FrameRate = 4,
}

/// <summary>
/// The text of one source's captions: "gate  2026-11-21 10:00:00Z  9.9 fps". It allocates nothing for a frame. One thread at a time.
/// </summary>
internal sealed class Caption(CaptionParts parts)
{
    private const string Gap = "  ";
    private const string Unit = " fps";

    /// <summary>The rate is that of so many frames.</summary>
    private const int RateFrames = 16;

    private readonly TimeSpan[] _times = new TimeSpan[RateFrames];
    private char[] _text = new char[128];
    private long _frames;

    /// <summary>The caption of the next frame; empty where nothing is wanted. It is overwritten by the next call.</summary>
    public ReadOnlySpan<char> For(Frame frame)
    {
        if (_text.Length < frame.Source.Length + 64)
        {
            _text = new char[frame.Source.Length + 64];
        }

        int length = 0;
        if (Has(CaptionParts.Source))
        {
            frame.Source.CopyTo(_text);
            length = frame.Source.Length;
        }

        if (Has(CaptionParts.Clock))
        {
            Begin(ref length);
            frame.CapturedAt.UtcDateTime.TryFormat(_text.AsSpan(length), out int written, "u", CultureInfo.InvariantCulture);
            length += written;
        }

        if (Has(CaptionParts.FrameRate) && RateUpTo(frame.PresentationTime) is { } rate)
        {
            Begin(ref length);
            rate.TryFormat(_text.AsSpan(length), out int written, "F1", CultureInfo.InvariantCulture);
            Unit.CopyTo(_text.AsSpan(length + written));
            length += written + Unit.Length;
        }

        return _text.AsSpan(0, length);
    }

    /// <summary>Whether a part is wanted. (Enum.HasFlag allocates until it has been compiled anew.)</summary>
    private bool Has(CaptionParts part) => (parts & part) != CaptionParts.None;

    /// <summary>Leaves a gap behind what stands there.</summary>
    private void Begin(ref int length)
    {
        if (length > 0)
        {
            Gap.CopyTo(_text.AsSpan(length));
            length += Gap.Length;
        }
    }

    private double? RateUpTo(TimeSpan time)
    {
        long first = Math.Max(_frames - RateFrames, 0);
        TimeSpan span = time - _times[first % RateFrames];
        double? rate = _frames > 0 && span > TimeSpan.Zero ? (_frames - first) / span.TotalSeconds : null;
        _times[_frames++ % RateFrames] = time;
        return rate;
    }
}
