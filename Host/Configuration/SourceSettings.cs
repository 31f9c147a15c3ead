namespace Pipeline.Host.Configuration;

/// <summary>One source.</summary>
public sealed record SourceSettings
{
    /// <summary>Its address: 0, /dev/video0, rtsp://…, file.mp4, picture.jpg, folder/, test://640x480@30, gst:LAUNCH.</summary>
    public string Uri { get; init; } = "";

    /// <summary>What to call it; null for a name made from the address.</summary>
    [AllowedName]
    public string? Name { get; init; }

    /// <summary>What counts as a detection on it; null where that is as for all sources.</summary>
    public SourceDetectionSettings? Detection { get; init; }

    /// <summary>What is drawn on its pictures; null where that is as for all sources.</summary>
    public SourceDrawingSettings? Drawing { get; init; }

    /// <summary>How it is recorded; null where that is as for all sources.</summary>
    public SourceRecordingSettings? Recording { get; init; }

    /// <summary>The width that a webcam is asked for; null for its own.</summary>
    [AllowedRange(16, 16384)]
    public int? Width { get; init; }

    /// <summary>The height that a webcam is asked for; null for its own.</summary>
    [AllowedRange(16, 16384)]
    public int? Height { get; init; }

    /// <summary>The rate that a webcam is asked for; null for its own.</summary>
    [AllowedRange(0, 1000, LeastExcluded = true)]
    public double? FramesPerSecond { get; init; }

    /// <summary>The pixel format that a webcam is asked for; null for mjpg where raw pictures would be too much for USB 2.</summary>
    [AllowedWords("yuyv", "mjpg")]
    public string? PixelFormat { get; init; }

    /// <summary>How an RTSP server is asked to send: auto is tcp, and udp where the server knows nothing else.</summary>
    [AllowedWords("auto", "tcp", "udp")]
    public string Transport { get; init; } = "auto";

    /// <summary>Whether a network stream's delay counts for more than its rate and completeness.</summary>
    public bool LowLatency { get; init; }

    /// <summary>What decodes: off is the processor, auto the first hardware that works. What is not there is replaced by the processor.</summary>
    [AllowedWords("off", "auto", "vaapi", "mfx")]
    public string HardwareDecoding { get; init; } = "off";

    /// <summary>The part of the picture that is processed; null for all of it.</summary>
    public RegionSettings? Region { get; init; }

    /// <summary>The greatest width that is processed: larger pictures are made smaller. Null for no limit.</summary>
    [AllowedRange(16, 16384)]
    public int? MaximumWidth { get; init; }

    /// <summary>The greatest height that is processed: larger pictures are made smaller. Null for no limit.</summary>
    [AllowedRange(16, 16384)]
    public int? MaximumHeight { get; init; }

    /// <summary>By how many degrees pictures are turned clockwise, after the other changes.</summary>
    [AllowedNumbers(0, 90, 180, 270)]
    public int Rotation { get; init; }

    /// <summary>Frames a second that are processed at most; null for all.</summary>
    [AllowedRange(0, 1000, LeastExcluded = true)]
    public double? MaximumRate { get; init; }

    /// <summary>The longest wait for a server's answer while it is opened.</summary>
    [AllowedRange(0.1, 86400, Example = "00:00:05")]
    public TimeSpan OpenLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait for a live source's next frame before it is opened anew.</summary>
    [AllowedRange(0.1, 86400, Example = "00:00:05")]
    public TimeSpan ReadLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The age of the newest frame from which a live source counts as stalled.</summary>
    [AllowedRange(0.1, 86400, Example = "00:00:05")]
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest wait between attempts at a live source that has delivered before.</summary>
    [AllowedRange(0.1, 86400, Example = "00:00:05")]
    public TimeSpan RetryLimit { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>What counts as a detection on one source; what is null is as for all sources.</summary>
public sealed record SourceDetectionSettings
{
    /// <summary>The least score, 0 to 1 (1 excluded).</summary>
    [AllowedRange(0, 1, MostExcluded = true)]
    public float? Score { get; init; }

    /// <summary>The greatest overlap of two boxes of a class, 0 to 1.</summary>
    [AllowedRange(0, 1)]
    public float? Iou { get; init; }

    /// <summary>The classes wanted, by label; empty for all.</summary>
    public IReadOnlyList<string>? Classes { get; init; }
}

/// <summary>What is drawn on the pictures of one source; what is null is as for all sources.</summary>
public sealed record SourceDrawingSettings
{
    /// <summary>Whether the detections are drawn.</summary>
    public bool? Detections { get; init; }

    /// <summary>Whether the line has the source's name.</summary>
    public bool? SourceName { get; init; }

    /// <summary>Whether the line has the time of capture, in UTC.</summary>
    public bool? Clock { get; init; }

    /// <summary>Whether the line has the frames a second.</summary>
    public bool? FrameRate { get; init; }
}

/// <summary>How one source is recorded; what is null is as for all sources.</summary>
public sealed record SourceRecordingSettings
{
    /// <summary>Whether it is recorded at all, where the others are.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>always; or events: only while wanted classes are seen, with some seconds before and after.</summary>
    [AllowedWords(RecordingSettings.Always, RecordingSettings.OnEvents)]
    public string? When { get; init; }

    /// <summary>The classes of events, by label; empty for any.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>What is recorded from before an event.</summary>
    [AllowedRange(0, 300)]
    public TimeSpan? Before { get; init; }

    /// <summary>What is recorded after an event.</summary>
    [AllowedRange(0, 3600)]
    public TimeSpan? After { get; init; }

    /// <summary>The bit rate in thousands of bits a second.</summary>
    [AllowedRange(16, 1000000)]
    public int? KilobitsPerSecond { get; init; }
}

/// <summary>
/// A part of a picture. Left edge and width are shares of the picture's width where neither is above 1, and otherwise pixels; upper
/// edge and height likewise.
/// </summary>
public sealed record RegionSettings
{
    /// <summary>The left edge.</summary>
    [AllowedRange(0, 16384)]
    public double X { get; init; }

    /// <summary>The upper edge.</summary>
    [AllowedRange(0, 16384)]
    public double Y { get; init; }

    /// <summary>The width.</summary>
    [AllowedRange(0, 16384, LeastExcluded = true)]
    public double Width { get; init; } = 1;

    /// <summary>The height.</summary>
    [AllowedRange(0, 16384, LeastExcluded = true)]
    public double Height { get; init; } = 1;
}
