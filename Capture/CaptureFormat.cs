using System.Globalization;
using OpenCvSharp;

namespace Pipeline.Capture;

/// <summary>What an open capture declares of its pictures.</summary>
internal static class CaptureFormat
{
    /// <summary>Size, coding and rate, like 640x480 YUYV 30 fps. Cameras lie about the rate.</summary>
    public static string Describe(VideoCapture capture)
    {
        // Some say no coding: what GStreamer hands over is raw.
        string coding = capture.FourCC.Trim('\0', ' ') is { Length: > 0 } code ? $"{code} " : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{capture.FrameWidth}x{capture.FrameHeight} {coding}{capture.Fps:0.##} fps");
    }

    /// <summary>The same, and what decodes where hardware was asked for.</summary>
    public static string Describe(VideoCapture capture, VideoAccelerationType hardware) =>
        hardware == VideoAccelerationType.None ? Describe(capture) : $"{Describe(capture)}, {DescribeDecoder(capture)}";

    /// <summary>The decoder that was found: like decoded by VAAPI.</summary>
    public static string DescribeDecoder(VideoCapture capture) =>
        (VideoAccelerationType)capture.Get(VideoCaptureProperties.HwAcceleration) is var found && found == VideoAccelerationType.None
            ? "decoded by the processor, since no hardware decoder was found"
            : $"decoded by {found}";

    /// <summary>The declared size.</summary>
    public static Size SizeOf(VideoCapture capture) => new(capture.FrameWidth, capture.FrameHeight);
}
