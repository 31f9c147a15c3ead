using OpenCvSharp;

namespace Pipeline.Capture;

/// <summary>How a source is read.</summary>
/// <param name="Latest">Whether frames that the pipeline has no room for are passed over (a camera) or waited for (a file).</param>
/// <param name="Pace">Whether a file plays at its own speed instead of as fast as it goes.</param>
/// <param name="Loop">Whether a file or folder starts anew at its end.</param>
/// <param name="MaximumFrames">Frames after which reading ends; null for all there are.</param>
public sealed record SourceReaderOptions(bool Latest, bool Pace, bool Loop, long? MaximumFrames)
{
    /// <summary>How long a camera or stream may take, and how it is tried again.</summary>
    public SourceLimits Limits { get; init; } = new();

    /// <summary>What a webcam is asked for; it gives the nearest that it has.</summary>
    public WebcamFormat Webcam { get; init; } = new();

    /// <summary>How a network stream is received and decoded.</summary>
    public StreamOptions Stream { get; init; } = new();

    /// <summary>What decodes a stream or video file; where that is not there, the processor does.</summary>
    public VideoAccelerationType HardwareDecoding { get; init; } = VideoAccelerationType.None;

    /// <summary>What part of the pictures is processed, how large, and which way up.</summary>
    public PictureGeometry Geometry { get; init; } = new();

    /// <summary>Frames a second that are decoded and handed on at most, above 0; the others are passed by. Null for all.</summary>
    public double? MaximumRate { get; init; }
}
