namespace Pipeline.Render;

/// <summary>What encodes H.264.</summary>
public enum VideoEncoder
{
    /// <summary>x264, on the processor.</summary>
    Software,

    /// <summary>NVIDIA's, on the GPU.</summary>
    Nvenc,

    /// <summary>What the Video Acceleration API offers: Intel's and AMD's GPUs.</summary>
    Vaapi,

    /// <summary>Intel's Quick Sync Video.</summary>
    Qsv,
}

/// <summary>How video is encoded.</summary>
public sealed record EncoderOptions
{
    /// <summary>What encodes; where it fails, the software does. Default: software.</summary>
    public VideoEncoder Encoder { get; init; } = VideoEncoder.Software;

    /// <summary>
    /// The encoder's own name for how much it tries: ultrafast to veryslow for software and QSV, p1 to p7 for NVENC; VAAPI has
    /// none. Null for the default: veryfast, and p4.
    /// </summary>
    public string? Preset { get; init; }

    /// <summary>The bit rate in thousands of bits a second; null for constant quality at whatever rate it takes.</summary>
    public int? KilobitsPerSecond { get; init; }

    /// <summary>The device of VAAPI.</summary>
    public string Device { get; init; } = "/dev/dri/renderD128";

    /// <summary>The same for software, with its default preset.</summary>
    public EncoderOptions InSoftware() => this with { Encoder = VideoEncoder.Software, Preset = null };
}
