using Pipeline.Render;

namespace Pipeline.Host.Configuration;

/// <summary>
/// Everything a run is told, after appsettings.json, appsettings.local.json, the environment and the command line have
/// been laid over each other. appsettings.json explains every key.
/// </summary>
public sealed record PipelineSettings
{
    /// <summary>Which model.</summary>
    public ModelSettings Model { get; init; } = new();

    /// <summary>How it is run.</summary>
    public InferenceSettings Inference { get; init; } = new();

    /// <summary>What counts as a detection.</summary>
    public DetectionSettings Detection { get; init; } = new();

    /// <summary>Where frames come from.</summary>
    public IReadOnlyList<SourceSettings> Sources { get; init; } = [];

    /// <summary>How sources are read.</summary>
    public ReadingSettings Reading { get; init; } = new();

    /// <summary>Where results go.</summary>
    public OutputSettings Output { get; init; } = new();

    /// <summary>The HTTP server.</summary>
    public HttpSettings Http { get; init; } = new();

    /// <summary>Where metrics are sent.</summary>
    public TelemetrySettings Telemetry { get; init; } = new();

    /// <summary>What is drawn on pictures beside the detections.</summary>
    public DrawingSettings Drawing { get; init; } = new();

    /// <summary>How video is encoded, and what is recorded in segments.</summary>
    public RecordingSettings Recording { get; init; } = new();
}

/// <summary>Which model.</summary>
public sealed record ModelSettings
{
    /// <summary>A name in the models folder, or the path of an .onnx file with its manifest beside it.</summary>
    public string Name { get; init; } = "ssdlite_mobilenet_v2_coco";

    /// <summary>The models folder; a relative path starts at the program's home (the checkout, or where it is installed).</summary>
    public string Folder { get; init; } = "models";
}

/// <summary>How the model is run.</summary>
public sealed record InferenceSettings
{
    /// <summary>auto, cpu, cuda, tensorrt or webgpu.</summary>
    [AllowedWords("auto", "cpu", "cuda", "tensorrt", "webgpu", Option = "--provider")]
    public string Provider { get; init; } = "auto";

    /// <summary>Threads of one session run, 1 to 256; null for the machine's cores.</summary>
    [AllowedRange(1, 256, Option = "--threads")]
    public int? Threads { get; init; }

    /// <summary>Frames in a batch at most, 1 to 64.</summary>
    [AllowedRange(1, 64, Option = "--batch")]
    public int Batch { get; init; } = 1;

    /// <summary>Whether the CPU may take over where the requested provider does not work.</summary>
    public bool AllowFallback { get; init; }

    /// <summary>Whether the CPU's threads, and the one that waits for the GPU, spin while they wait for work.</summary>
    public bool Spinning { get; init; }

    /// <summary>The number of the GPU, from 0.</summary>
    [AllowedRange(0)]
    public int Device { get; init; }

    /// <summary>The most device memory that CUDA takes, in MiB, at least 64; null for no limit.</summary>
    [AllowedRange(64)]
    public int? DeviceMemoryMiB { get; init; }

    /// <summary>Whether CUDA may multiply in TF32.</summary>
    public bool TensorFloat32 { get; init; }

    /// <summary>Whether TensorRT may compute in half precision.</summary>
    public bool HalfPrecision { get; init; }

    /// <summary>Whether runs are replayed as a CUDA graph.</summary>
    public bool CudaGraph { get; init; }

    /// <summary>Folder of TensorRT's engines; null to build them at each start. A relative path starts at the program's home.</summary>
    public string? EngineCache { get; init; }

    /// <summary>Whether CUDA computes convolutions with the channels last.</summary>
    public bool ChannelsLast { get; init; }

    /// <summary>Whether cuDNN tries every algorithm at the start.</summary>
    public bool ExhaustiveSearch { get; init; }

    /// <summary>Folder of ONNX Runtime built with CUDA; a relative path starts at the program's home.</summary>
    public string CudaRuntime { get; init; } = "cuda";

    /// <summary>Folders in which NVIDIA's libraries are looked for first; relative paths start at the program's home.</summary>
    public IReadOnlyList<string> CudaLibraries { get; init; } = [];
}

/// <summary>What counts as a detection.</summary>
public sealed record DetectionSettings
{
    /// <summary>The least score, 0 to 1 (1 excluded).</summary>
    [AllowedRange(0, 1, MostExcluded = true, Option = "--score")]
    public float Score { get; init; } = 0.4f;

    /// <summary>The greatest overlap of two boxes of a class, 0 to 1; null for the model's own.</summary>
    [AllowedRange(0, 1, Option = "--iou")]
    public float? Iou { get; init; }

    /// <summary>The classes wanted, by label; empty for all.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>These settings with a source's own laid over them.</summary>
    public DetectionSettings With(SourceDetectionSettings? own) => own is null
        ? this
        : new DetectionSettings { Score = own.Score ?? Score, Iou = own.Iou ?? Iou, Classes = own.Classes ?? Classes };
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

/// <summary>How sources are read.</summary>
public sealed record ReadingSettings
{
    /// <summary>The longest time that a timer of the runtime takes, in seconds: 49 days.</summary>
    private const double LongestTimer = 4294967;

    /// <summary>True: keep only the newest frame of each source. False: every frame. Null: files every frame, live the newest.</summary>
    public bool? Latest { get; init; }

    /// <summary>Whether files play at their own speed.</summary>
    public bool Pace { get; init; }

    /// <summary>Whether files start anew at their end.</summary>
    public bool Loop { get; init; }

    /// <summary>Frames after which each source ends, at least 1; null for all.</summary>
    [AllowedRange(1, Option = "--frames")]
    public long? Frames { get; init; }

    /// <summary>Time after which the run ends; null for never.</summary>
    [AllowedRange(0, LongestTimer, LeastExcluded = true, Example = "30s, 5m or 00:05:00", Option = "--duration")]
    public TimeSpan? Duration { get; init; }

    /// <summary>Time after which the run ends if no source has given a frame until then; null for never.</summary>
    [AllowedRange(0, LongestTimer, LeastExcluded = true, Example = "00:00:30")]
    public TimeSpan? GiveUpAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the run goes on without any source, or with none that delivers: a service, whose sources come and go.</summary>
    public bool KeepRunning { get; init; }
}

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

/// <summary>The HTTP server: health, metrics, status, sources, snapshots.</summary>
public sealed record HttpSettings
{
    /// <summary>The value of <see cref="Url"/> that switches the server off.</summary>
    public const string Off = "off";

    /// <summary>Where it listens, http://ADDRESS:PORT, or off. Other addresses than loopback need a token.</summary>
    public string Url { get; init; } = "http://127.0.0.1:8080";

    /// <summary>The token that every request must bear, 16 characters or more; null for none.</summary>
    [AllowedLength(16)]
    public string? Token { get; init; }

    /// <summary>Further names by which it may be called, as behind a proxy.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];
}

/// <summary>Where metrics are sent.</summary>
public sealed record TelemetrySettings
{
    /// <summary>The OTLP receiver that gets all metrics, such as http://127.0.0.1:4317; null for none.</summary>
    public string? OtlpEndpoint { get; init; }

    /// <summary>How it is spoken to: grpc, or http (then the endpoint's path is usually /v1/metrics).</summary>
    [AllowedWords("grpc", "http")]
    public string OtlpProtocol { get; init; } = "grpc";

    /// <summary>Time between two exports.</summary>
    [AllowedRange(1, 86400, Example = "00:01:00")]
    public TimeSpan OtlpInterval { get; init; } = TimeSpan.FromMinutes(1);
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
