using Pipeline.Render;

namespace Pipeline.Host.Configuration;

/// <summary>Where results go. {source} in a path stands for the source's name.</summary>
public sealed record OutputSettings
{
    /// <summary>The video file to record, an .mp4; null for none.</summary>
    public string? Record { get; init; }

    /// <summary>The JSON lines file, or - for standard output; null for none.</summary>
    public string? JsonLines { get; init; }

    /// <summary>The JSON report at the end; null for none.</summary>
    public string? Report { get; init; }

    /// <summary>Whether to show each source in a window.</summary>
    public bool Display { get; init; }
}

/// <summary>What is drawn on pictures: the detections, and a line in the lower left corner.</summary>
public sealed record DrawingSettings
{
    /// <summary>Whether the detections are drawn.</summary>
    public bool Detections { get; init; } = true;

    /// <summary>Whether the line has the source's name.</summary>
    public bool SourceName { get; init; }

    /// <summary>Whether the line has the time of capture, in UTC.</summary>
    public bool Clock { get; init; }

    /// <summary>Whether the line has the frames a second.</summary>
    public bool FrameRate { get; init; }

    /// <summary>The same for the renderer.</summary>
    internal CaptionParts Caption =>
        (SourceName ? CaptionParts.Source : CaptionParts.None)
        | (Clock ? CaptionParts.Clock : CaptionParts.None)
        | (FrameRate ? CaptionParts.FrameRate : CaptionParts.None);

    /// <summary>These settings with a source's own laid over them.</summary>
    public DrawingSettings With(SourceDrawingSettings? own) => own is null
        ? this
        : new DrawingSettings
        {
            Detections = own.Detections ?? Detections,
            SourceName = own.SourceName ?? SourceName,
            Clock = own.Clock ?? Clock,
            FrameRate = own.FrameRate ?? FrameRate,
        };
}

/// <summary>
/// Recording in segments, in one folder for each source. The encoder's settings hold for Output:Record too. docs/recording.md
/// explains all of it.
/// </summary>
public sealed record RecordingSettings
{
    internal const string Always = "always";
    internal const string OnEvents = "events";

    /// <summary>The folder; null to record no segments. A relative path starts at the program's home.</summary>
    public string? Folder { get; init; }

    /// <summary>always; or events: only while wanted classes are seen, with some seconds before and after.</summary>
    [AllowedWords(Always, OnEvents)]
    public string When { get; init; } = Always;

    /// <summary>The classes of events, by label; empty for any.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>What is recorded from before an event.</summary>
    [AllowedRange(0, 300)]
    public TimeSpan Before { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What is recorded after an event.</summary>
    [AllowedRange(0, 3600)]
    public TimeSpan After { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a segment plays; the next one begins at the next key frame, up to two seconds later.</summary>
    [AllowedRange(2, 86400)]
    public TimeSpan SegmentLength { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How large a segment is, in MiB; null for no limit.</summary>
    [AllowedRange(1)]
    public int? SegmentMiB { get; init; }

    /// <summary>The age from which recordings are deleted; null for none.</summary>
    [AllowedRange(1, 315360000, Example = "30.00:00:00 for 30 days")]
    public TimeSpan? KeepFor { get; init; }

    /// <summary>The size of all recordings together, in MiB, beyond which the oldest are deleted; null for no limit.</summary>
    [AllowedRange(1)]
    public int? KeepMiB { get; init; }

    /// <summary>The MiB that stay free on the disk: the oldest recordings are deleted for it, then recording stops.</summary>
    [AllowedRange(0)]
    public int FreeMiB { get; init; } = 1024;

    /// <summary>What encodes: software, or a hardware encoder, for which software takes over where it fails.</summary>
    [AllowedWords("software", "nvenc", "vaapi", "qsv")]
    public string Encoder { get; init; } = "software";

    /// <summary>The encoder's own name for how much it tries; null for its default.</summary>
    [AllowedWords(
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "p1", "p2", "p3", "p4", "p5", "p6", "p7")]
    public string? Preset { get; init; }

    /// <summary>The bit rate in thousands of bits a second; null for constant quality.</summary>
    [AllowedRange(16, 1000000)]
    public int? KilobitsPerSecond { get; init; }

    /// <summary>The device of the encoder vaapi.</summary>
    public string Device { get; init; } = "/dev/dri/renderD128";

    /// <summary>These settings with a source's own laid over them.</summary>
    public RecordingSettings With(SourceRecordingSettings? own) => own is null
        ? this
        : this with
        {
            When = own.When ?? When,
            Classes = own.Classes ?? Classes,
            Before = own.Before ?? Before,
            After = own.After ?? After,
            KilobitsPerSecond = own.KilobitsPerSecond ?? KilobitsPerSecond,
        };
}
