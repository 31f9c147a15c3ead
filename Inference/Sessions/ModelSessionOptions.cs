using System.Collections.Immutable;

namespace Pipeline.Inference;

/// <summary>What runs a model's nodes.</summary>
public enum ExecutionProvider
{
    /// <summary>CUDA where it works, otherwise the CPU.</summary>
    Auto,

    /// <summary>The CPU.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU through CUDA and cuDNN.</summary>
    Cuda,

    /// <summary>An NVIDIA GPU through TensorRT, which builds an engine for the model at the first start.</summary>
    TensorRt,

    /// <summary>A GPU through WebGPU (Vulkan).</summary>
    WebGpu,
}

/// <summary>How a session is opened. Immutable; each value is checked when it is set.</summary>
public sealed record ModelSessionOptions
{
    /// <summary>A network with its workspace fits in no less.</summary>
    private const long LeastDeviceMemory = 64L << 20;

    /// <summary>The largest batch.</summary>
    public const int MaximumBatch = 256;

    /// <summary>What shall run the model. Default: <see cref="ExecutionProvider.Auto"/>.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Auto;

    /// <summary>
    /// Whether the CPU may take over where the requested provider does not work. Default: false, an error.
    /// </summary>
    public bool AllowFallback { get; init; }

    /// <summary>
    /// Folder with ONNX Runtime as it was built with CUDA, its providers beside it; null, or one that is not there, for the
    /// library beside the program. Default: null. The first session of a process decides for all.
    /// </summary>
    public string? CudaRuntime { get; init; }

    /// <summary>
    /// Folders in which CUDA 13 and cuDNN 9 are looked for before the system's own places, sub-folders included. Default: none.
    /// </summary>
    public ImmutableArray<string> CudaLibraries { get; init; } = [];

    /// <summary>Number of the device, from 0. Default: 0. Not used on the CPU.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int Device
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>
    /// The most memory that CUDA's arena takes on the device, in bytes, at least 64 MiB; null for no limit. Default:
    /// null.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below its range.</exception>
    public long? DeviceMemoryLimit
    {
        get;
        init
        {
            if (value is { } limit)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(limit, LeastDeviceMemory, nameof(value));
            }

            field = value;
        }
    }

    /// <summary>
    /// Whether CUDA may multiply in TF32, with a mantissa of 10 bits: faster, and scores differ in the third digit or
    /// so. Default: false, strict single precision.
    /// </summary>
    public bool TensorFloat32 { get; init; }

    /// <summary>
    /// Whether TensorRT may compute a single-precision model in half precision. Default: false. (CUDA runs a model in
    /// the precision that it is written in.)
    /// </summary>
    public bool HalfPrecision { get; init; }

    /// <summary>
    /// Whether runs are recorded once and replayed as a CUDA graph, which saves launch times. Each slot has a recording of its own.
    /// The session has one batch size then: ONNX Runtime 1.29 lets a recording read lists that a run of another size has written
    /// over. Default: false.
    /// </summary>
    public bool CudaGraph { get; init; }

    /// <summary>
    /// Whether CUDA computes convolutions with the channels last, as tensor cores want them. Default: false.
    /// </summary>
    public bool ChannelsLast { get; init; }

    /// <summary>
    /// Whether cuDNN compiles each convolution together with the adding of its bias (with NVRTC, at the first run of a batch size),
    /// instead of a pass of its own over the results. Default: false.
    /// </summary>
    public bool FusedBias { get; init; }

    /// <summary>
    /// Whether cuDNN tries every algorithm when it first meets a convolution, instead of asking its heuristic: the first run of
    /// a batch size takes seconds more. Default: false.
    /// </summary>
    public bool ExhaustiveSearch { get; init; }

    /// <summary>
    /// Folder in which TensorRT keeps the engines that it builds; null to build anew at each start. Default: null.
    /// </summary>
    public string? EngineCache { get; init; }

    /// <summary>Threads that share a node's work on the CPU, 1 to 256; 0 for one a processor. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public int Threads
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 256);
            field = value;
        }
    }

    /// <summary>
    /// Whether those threads, and the one that waits for a GPU, spin while they wait for work: a little faster on an idle
    /// machine, at the expense of every other stage. Default: false.
    /// </summary>
    public bool Spinning { get; init; }

    /// <summary>The batch sizes that are run and warmed up, ascending, each 1 to 256. Default: 1 only.</summary>
    /// <exception cref="ArgumentException">
    /// The list is empty, or not ascending, or a size is outside its range.
    /// </exception>
    public ImmutableArray<int> BatchSizes
    {
        get;
        init
        {
            if (value.IsDefaultOrEmpty
                || value[0] < 1
                || value[^1] > MaximumBatch
                || value.Zip(value.Skip(1)).Any(pair => pair.First >= pair.Second))
            {
                throw new ArgumentException($"Batch sizes are ascending whole numbers from 1 to {MaximumBatch}.", nameof(value));
            }

            field = value;
        }
    } = [1];
}
