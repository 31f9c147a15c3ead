using System.Collections.Immutable;
using Pipeline.Host.Configuration;
using Pipeline.Inference;
using Pipeline.PostProcess;

namespace Pipeline.Host.Running;

/// <summary>The model of a run: what it is called, what it finds, and how sessions and decoders for it are made.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Labels">Its classes.</param>
/// <param name="OpenSession">Opens a session and warms it; called again after a session was lost.</param>
/// <param name="CreateDecoder">
/// Makes a decoder with thresholds and classes. A class that is none of the model's is a <see cref="UsageException"/>.
/// </param>
internal sealed record RunModel(
    string Name, LabelMap Labels, Func<IModelSession> OpenSession, Func<DetectionSettings, IDetectionDecoder> CreateDecoder)
{
    /// <summary>Finds the configured model and checks its file's hash; nothing is opened yet.</summary>
    /// <exception cref="ModelException">There is no such model, or it can't be used.</exception>
    public static RunModel Load(PipelineSettings settings)
    {
        ModelManifest manifest = ModelCatalog.Find(settings.Model.Name, ProgramHome.Resolve(settings.Model.Folder));
        manifest.CheckFile();
        ModelSessionOptions options = OptionsOf(settings.Inference);
        return new RunModel(
            manifest.Name,
            manifest.Labels,
            OpenSession,
            detection => manifest.CreateDecoder(new DecoderOverrides(
                detection.Score,
                detection.Iou,
                detection.Classes.Count == 0 ? null : ClassIds(manifest.Labels, detection.Classes, "Detection:Classes (--classes)"))));

        // Where the first session runs, a later one has to: 'auto' would go on with the CPU in the middle, for good.
        OnnxModelSession OpenSession()
        {
            OnnxModelSession session = OnnxModelSession.Open(manifest.OnnxPath, manifest.Signature, options);
            options = options with { Provider = session.RunsOn };
            return session;
        }
    }

    /// <summary>Every core: a quiet machine gave more frames a second so than with a core left over (docs/performance.md).</summary>
    public static int DefaultThreads => Environment.ProcessorCount;

    /// <summary>The session's options.</summary>
    internal static ModelSessionOptions OptionsOf(InferenceSettings settings) => new()
    {
        Provider = Enum.Parse<ExecutionProvider>(settings.Provider, ignoreCase: true),
        Threads = settings.Threads ?? DefaultThreads,
        BatchSizes = settings.CudaGraph ? [settings.Batch] : BatchSizes(settings.Batch),
        AllowFallback = settings.AllowFallback,
        Spinning = settings.Spinning,
        Device = settings.Device,
        DeviceMemoryLimit = (long?)settings.DeviceMemoryMiB << 20,
        TensorFloat32 = settings.TensorFloat32,
        HalfPrecision = settings.HalfPrecision,
        CudaGraph = settings.CudaGraph,
        EngineCache = settings.EngineCache is { } folder ? ProgramHome.Resolve(folder) : null,
        ChannelsLast = settings.ChannelsLast,
        FusedBias = settings.FusedBias,
        ExhaustiveSearch = settings.ExhaustiveSearch,
        CudaRuntime = ProgramHome.Resolve(settings.CudaRuntime),
        CudaLibraries = [.. settings.CudaLibraries.Select(ProgramHome.Resolve)],
    };

    /// <summary>1, 2, 4, … up to the most frames of a batch: few shapes to warm, and little padding.</summary>
    internal static ImmutableArray<int> BatchSizes(int largest)
    {
        var sizes = ImmutableArray.CreateBuilder<int>();
        for (int size = 1; size < largest; size *= 2)
        {
            sizes.Add(size);
        }

        sizes.Add(largest);
        return sizes.ToImmutable();
    }

    /// <summary>The ids of classes that a setting names.</summary>
    /// <param name="labels">The names there are.</param>
    /// <param name="classes">The names wanted.</param>
    /// <param name="key">The setting, for the message.</param>
    /// <exception cref="UsageException">There is no such class.</exception>
    internal static List<int> ClassIds(LabelMap labels, IReadOnlyList<string> classes, string key)
    {
        try
        {
            return [.. classes.Select(labels.GetId)];
        }
        catch (ArgumentException e)
        {
            // Without the name of the parameter, which the framework puts behind the sentence.
            string sentence = e.Message.Replace($" (Parameter '{e.ParamName}')", "", StringComparison.Ordinal);
            throw new UsageException($"{key}: {sentence}", e);
        }
    }
}
