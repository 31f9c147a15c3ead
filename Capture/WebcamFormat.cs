namespace Pipeline.Capture;

/// <summary>What a webcam is asked for; null for what it does by itself.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="FramesPerSecond">Rate.</param>
/// <param name="PixelFormat">
/// Four characters, like YUYV or MJPG. Null for MJPG where the size and rate are beyond what raw pictures allow.
/// </param>
public sealed record WebcamFormat(
    int? Width = null, int? Height = null, double? FramesPerSecond = null, string? PixelFormat = null)
{
    /// <summary>
    /// Bytes a second of raw pictures that USB 2 carries: half of its 60 MB/s, less what it takes for itself. Beyond it a webcam
    /// lowers the rate, and gives the full one only as Motion JPEG.
    /// </summary>
    private const double RawLimit = 40e6;

    /// <summary>YUYV has two bytes a pixel.</summary>
    private const int RawBytesPerPixel = 2;

    /// <summary>What most webcams do by themselves.</summary>
    private const double UsualRate = 30;

    /// <summary>The same with a pixel format: Motion JPEG where raw pictures of this size and rate would be too much for USB 2.</summary>
    internal WebcamFormat WithPixelFormat() =>
        PixelFormat is null && Width * Height * RawBytesPerPixel * (FramesPerSecond ?? UsualRate) > RawLimit
            ? this with { PixelFormat = "MJPG" }
            : this;
}
