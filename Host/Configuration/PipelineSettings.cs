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

    /// <summary>Whether cuDNN adds a convolution's bias in the convolution, with kernels that are compiled at the start.</summary>
    public bool FusedBias { get; init; }

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
