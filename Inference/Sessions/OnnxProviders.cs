using System.Collections.Immutable;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;

namespace Pipeline.Inference;

/// <summary>A native session and what runs it.</summary>
/// <param name="Session">The session; whoever gets this owns it.</param>
/// <param name="Provider">The provider.</param>
/// <param name="Description">The provider's name, with "+cpu" where nodes are left to the CPU.</param>
/// <param name="Rejected">What was tried before, each with the reason.</param>
/// <param name="Device">The device whose memory it runs over, to be disposed after it; null for the slots' own memory.</param>
internal sealed record OpenedSession(
    InferenceSession Session,
    ExecutionProvider Provider,
    string Description,
    ImmutableArray<string> Rejected,
    IDevice? Device = null);

/// <summary>
/// Opens native sessions on the provider that is asked for. ONNX Runtime falls back to the CPU in silence; here a
/// provider either works or is an error, and nodes that were left to the CPU are told.
/// </summary>
internal static class OnnxProviders
{
    /// <summary>
    /// ONNX Runtime's environment, one a process. Its own messages are switched off: whatever matters comes as an
    /// exception, and standard error belongs to the program. A program that has used ONNX Runtime before has made its
    /// own.
    /// </summary>
    private static readonly Lazy<OrtEnv> Environment = new(
        () => OrtEnv.IsCreated ? OrtEnv.Instance() : CreateEnvironment());

    /// <summary>
    /// Whether the CPU adds products of bytes in 32 bits (VNNI). Others do it in 16 bits, which overflow; ONNX Runtime
    /// then has a way that is exact and, measured with VNNI, takes twice the time.
    /// </summary>
    private static readonly bool SumsAreExact = !X86Base.IsSupported
        || (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0
        || (X86Base.CpuId(7, 1).Eax & (1 << 4)) != 0;

    /// <summary>
    /// Sets the environment up, for who opens a session on the CPU in another way than <see cref="Open(string,
    /// ModelSessionOptions)"/>.
    /// </summary>
    public static void UseEnvironment() => UseEnvironment(new ModelSessionOptions { Provider = ExecutionProvider.Cpu });

    /// <summary>Sets the environment up with the library that a session with these options would take.</summary>
    public static void UseEnvironment(ModelSessionOptions options)
    {
        OnnxRuntimeLibrary.Choose(options.Provider, options.CudaRuntime);
        _ = Environment.Value;
    }

    /// <summary>Opens a model on the first provider of the request that works.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="options">The request.</param>
    /// <exception cref="ModelException">None works, or the file is no model.</exception>
    public static OpenedSession Open(string path, ModelSessionOptions options)
    {
        OnnxRuntimeLibrary.Choose(options.Provider, options.CudaRuntime);
        var rejected = ImmutableArray.CreateBuilder<string>();
        foreach (ExecutionProvider provider in Candidates(options))
        {
            try
            {
                if (ProblemOf(provider, options) is { } problem)
                {
                    rejected.Add($"{Asked(provider, options)}: {problem}");
                    continue;
                }

                return Open(path, provider, options, rejected);
            }
            catch (Exception exception)
                when (exception is OnnxRuntimeException or ModelRunException && provider != ExecutionProvider.Cpu)
            {
                rejected.Add($"{Asked(provider, options)}: {Explain(provider, exception.Message)}");
            }
            catch (OnnxRuntimeException exception)
            {
                throw new ModelException(
                    $"{path} is not a model that ONNX Runtime can load: {NativeMessage.OneLine(exception.Message)}",
                    exception);
            }
        }

        throw new ModelException(
            $"The provider that was asked for does not work ({string.Join("; ", rejected)}). "
            + "Use --provider auto or cpu, or set Inference:AllowFallback to true.");
    }

    /// <summary>What speaks against a provider before it is tried with a model; null where nothing does.</summary>
    public static string? ProblemOf(ExecutionProvider provider, ModelSessionOptions options)
    {
        string[] available = Environment.Value.GetAvailableProviders();
        if (!available.Contains(OnnxName(provider), StringComparer.Ordinal))
        {
            string remedy = options.CudaRuntime is null || provider == ExecutionProvider.Cpu
                ? ""
                : $"; the one with GPUs is not in {options.CudaRuntime}: ./pipeline setup --cuda fetches it";
            return $"this build of ONNX Runtime has only {string.Join(", ", available)}{remedy}";
        }

        return provider switch
        {
            ExecutionProvider.Cuda or ExecutionProvider.TensorRt =>
                CudaLibraries.Explain(CudaLibraries.Load(provider, options.CudaLibraries)),
            ExecutionProvider.WebGpu => WebGpu.ProblemOf(options),
            _ => null,
        };
    }

    private static string Explain(ExecutionProvider provider, string message) =>
        provider == ExecutionProvider.WebGpu ? WebGpu.Explain(message) : NativeMessage.OneLine(message);

    private static bool IsNvidia(ExecutionProvider provider) =>
        provider is ExecutionProvider.Cuda or ExecutionProvider.TensorRt;

    private static ExecutionProvider[] Candidates(ModelSessionOptions options) => options switch
    {
        { Provider: ExecutionProvider.Auto } => [ExecutionProvider.Cuda, ExecutionProvider.Cpu],
        { Provider: ExecutionProvider.Cpu } => [ExecutionProvider.Cpu],
        { AllowFallback: true } => [options.Provider, ExecutionProvider.Cpu],
        _ => [options.Provider],
    };

    private static OpenedSession Open(
        string path, ExecutionProvider provider, ModelSessionOptions options, ImmutableArray<string>.Builder rejected)
    {
        if (!IsNvidia(provider))
        {
            return Open(path, provider, options, device: null) with { Rejected = rejected.ToImmutable() };
        }

        var device = new CudaDevice(CudaLibraries.OpenRuntime(), options.Device, options.Spinning);
        try
        {
            return Open(path, provider, options, device) with { Rejected = rejected.ToImmutable(), Device = device };
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    private static OpenedSession Open(
        string path, ExecutionProvider provider, ModelSessionOptions options, CudaDevice? device)
    {
        using SessionOptions plain = Options(provider, options, device);
        if (provider == ExecutionProvider.Cpu)
        {
            return new OpenedSession(new InferenceSession(path, plain), provider, Name(provider), []);
        }

        // First with the CPU forbidden, so that ONNX Runtime itself vouches for where the nodes run.
        using SessionOptions strict = Options(provider, options, device);
        strict.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1");
        try
        {
            return new OpenedSession(new InferenceSession(path, strict), provider, Name(provider), []);
        }
        catch (OnnxRuntimeException exception)
            when (exception.Message.Contains("fallback to CPU EP", StringComparison.Ordinal))
        {
            return new OpenedSession(new InferenceSession(path, plain), provider, $"{Name(provider)}+cpu", []);
        }
    }

    private static SessionOptions Options(
        ExecutionProvider provider, ModelSessionOptions options, CudaDevice? device)
    {
        var native = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            InterOpNumThreads = 1,
            IntraOpNumThreads = options.Threads == 0 ? System.Environment.ProcessorCount : options.Threads,
        };
        try
        {
            native.AddSessionConfigEntry("session.intra_op.allow_spinning", options.Spinning ? "1" : "0");
            if (!SumsAreExact)
            {
                native.AddSessionConfigEntry("session.x64quantprecision", "1");
            }

            Append(native, provider, options, device);
            return native;
        }
        catch
        {
            native.Dispose();
            throw;
        }
    }

    private static void Append(
        SessionOptions native, ExecutionProvider provider, ModelSessionOptions options, CudaDevice? device)
    {
        switch (provider)
        {
            case ExecutionProvider.Cuda:
                AppendCuda(native, options, device);
                break;
            case ExecutionProvider.TensorRt:
                using (var tensorRt = new OrtTensorRTProviderOptions())
                {
                    tensorRt.UpdateOptions(InStream(TensorRtOptions(options), device));
                    native.AppendExecutionProvider_Tensorrt(tensorRt);
                }

                // Nodes that TensorRT does not take stay on the GPU. Its own graphs and CUDA's exclude each other.
                AppendCuda(native, options with { CudaGraph = false }, device);
                break;
            case ExecutionProvider.WebGpu:
                WebGpu.Append(native);
                break;
        }
    }

    private static void AppendCuda(SessionOptions native, ModelSessionOptions options, CudaDevice? device)
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(InStream(CudaOptions(options), device));
        native.AppendExecutionProvider_CUDA(cuda);
    }

    // The runs go into our own stream, where copies can be tied to them.
    private static Dictionary<string, string> InStream(Dictionary<string, string> native, CudaDevice? device)
    {
        if (device is not null)
        {
            native["has_user_compute_stream"] = Flag(true);
            native["user_compute_stream"] = $"{device.ComputeStream}";
        }

        return native;
    }

    /// <summary>CUDA's options by ONNX Runtime's names. Memory grows by what is asked for.</summary>
    internal static Dictionary<string, string> CudaOptions(ModelSessionOptions options)
    {
        var native = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["device_id"] = $"{options.Device}",
            ["arena_extend_strategy"] = "kSameAsRequested",
            ["cudnn_conv_algo_search"] = options.ExhaustiveSearch ? "EXHAUSTIVE" : "HEURISTIC",
            ["prefer_nhwc"] = Flag(options.ChannelsLast),
            ["fuse_conv_bias"] = Flag(options.FusedBias),
            ["use_tf32"] = Flag(options.TensorFloat32),
            ["enable_cuda_graph"] = Flag(options.CudaGraph),
        };
        if (options.DeviceMemoryLimit is { } limit)
        {
            native["gpu_mem_limit"] = $"{limit}";
        }

        return native;
    }

    /// <summary>TensorRT's options by ONNX Runtime's names.</summary>
    internal static Dictionary<string, string> TensorRtOptions(ModelSessionOptions options)
    {
        var native = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["device_id"] = $"{options.Device}",
            ["trt_fp16_enable"] = Flag(options.HalfPrecision),
            ["trt_cuda_graph_enable"] = Flag(options.CudaGraph),
            ["trt_engine_cache_enable"] = Flag(options.EngineCache is not null),
        };
        if (options.EngineCache is { } folder)
        {
            native["trt_engine_cache_path"] = folder;
        }

        return native;
    }

    private static string Flag(bool value) => value ? "1" : "0";

    private static OrtEnv CreateEnvironment()
    {
        var options = new EnvironmentCreationOptions
        {
            logId = "ssd-pipeline",
            logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        try
        {
            return OrtEnv.CreateInstanceWithOptions(ref options);
        }
        catch (OnnxRuntimeException) when (OrtEnv.IsCreated)
        {
            // Another thread of the program was faster.
            return OrtEnv.Instance();
        }
    }

    // "cuda", or "cuda device 7" where it need not be the provider that is missing.
    private static string Asked(ExecutionProvider provider, ModelSessionOptions options) =>
        options.Device == 0 ? Name(provider) : $"{Name(provider)} device {options.Device}";

    private static string Name(ExecutionProvider provider) => provider.ToString().ToLowerInvariant();

    private static string OnnxName(ExecutionProvider provider) => provider switch
    {
        ExecutionProvider.Cuda => "CUDAExecutionProvider",
        ExecutionProvider.TensorRt => "TensorrtExecutionProvider",
        ExecutionProvider.WebGpu => "WebGpuExecutionProvider",
        _ => "CPUExecutionProvider",
    };
}
