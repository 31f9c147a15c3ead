using Pipeline.Host.Configuration;
using Pipeline.PostProcess;
using Pipeline.Render;

namespace Pipeline.Host.Running;

/// <summary>What the settings of recordings mean to the recorders.</summary>
internal static class RecordingOptions
{
    /// <summary>A MiB is 1 shifted by so much.</summary>
    private const int MiBShift = 20;

    /// <summary>When something is worth recording; null where everything is.</summary>
    /// <exception cref="UsageException">A class is not the model's.</exception>
    public static EventOptions? EventsOf(RecordingSettings settings, LabelMap labels) => settings.When == RecordingSettings.Always
        ? null
        : new EventOptions(RunModel.ClassIds(labels, settings.Classes, "Recording:Classes"), settings.Before, settings.After);

    /// <summary>When a segment is complete.</summary>
    public static SegmentLimits SegmentsOf(RecordingSettings settings) => new(settings.SegmentLength, Bytes(settings.SegmentMiB));

    /// <summary>What is kept.</summary>
    public static RetentionOptions RetentionOf(RecordingSettings settings) => new()
    {
        Age = settings.KeepFor,
        Bytes = Bytes(settings.KeepMiB),
        FreeBytes = (long)settings.FreeMiB << MiBShift,
    };

    /// <summary>How video is encoded.</summary>
    public static EncoderOptions EncoderOf(RecordingSettings settings) => new()
    {
        Encoder = Enum.Parse<VideoEncoder>(settings.Encoder, ignoreCase: true),
        Preset = settings.Preset,
        KilobitsPerSecond = settings.KilobitsPerSecond,
        Device = settings.Device,
    };

    private static long? Bytes(int? mebibytes) => (long?)mebibytes << MiBShift;
}
