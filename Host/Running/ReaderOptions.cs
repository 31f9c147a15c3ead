using OpenCvSharp;
using Pipeline.Capture;
using Pipeline.Host.Configuration;

namespace Pipeline.Host.Running;

/// <summary>What the settings mean to a source's reader.</summary>
internal static class ReaderOptions
{
    /// <summary>Lays a source's own settings beside those of all sources.</summary>
    public static SourceReaderOptions For(SourceSettings source, ReadingSettings reading, bool latest) =>
        new(latest, reading.Pace, reading.Loop, reading.Frames)
        {
            Webcam = new WebcamFormat(source.Width, source.Height, source.FramesPerSecond, source.PixelFormat?.ToUpperInvariant()),
            Stream = new StreamOptions(Enum.Parse<StreamTransport>(source.Transport, ignoreCase: true), source.LowLatency),
            HardwareDecoding = source.HardwareDecoding switch
            {
                "off" => VideoAccelerationType.None,
                "auto" => VideoAccelerationType.Any,
                string hardware => Enum.Parse<VideoAccelerationType>(hardware, ignoreCase: true),
            },
            Geometry = new PictureGeometry
            {
                Region = source.Region is { } region ? new PictureRegion(region.X, region.Y, region.Width, region.Height) : null,
                MaximumWidth = source.MaximumWidth,
                MaximumHeight = source.MaximumHeight,
                Rotation = source.Rotation,
            },
            MaximumRate = source.MaximumRate,
            Limits = new SourceLimits
            {
                Open = source.OpenLimit,
                Read = source.ReadLimit,
                Stall = source.StallLimit,
                LongestRetry = source.RetryLimit,
            },
        };
}
