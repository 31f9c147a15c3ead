using Microsoft.ML.OnnxRuntime;

namespace Pipeline.Inference;

/// <summary>What ONNX Runtime can do on this machine, without a model.</summary>
public static class ProviderCheck
{
    /// <summary>Looks whether the library can be loaded.</summary>
    /// <param name="options">What a session would be opened with.</param>
    /// <param name="version">Its version; empty where it can't.</param>
    /// <returns>Why it can't be loaded; null where it can.</returns>
    public static string? FindFault(ModelSessionOptions options, out string version)
    {
        try
        {
            OnnxProviders.UseEnvironment(options);
            version = OrtEnv.Instance().GetVersionString();
            return null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or TypeInitializationException or EntryPointNotFoundException)
        {
            version = "";
            return NativeMessage.OneLine(exception.GetBaseException().Message);
        }
    }

    /// <summary>Why a provider can't be used; null where its libraries and its device are there.</summary>
    /// <param name="provider">The provider, not <see cref="ExecutionProvider.Auto"/>.</param>
    /// <param name="options">What a session would be opened with.</param>
    public static string? WhyNot(ExecutionProvider provider, ModelSessionOptions options) =>
        OnnxProviders.ProblemOf(provider, options) ?? (provider == ExecutionProvider.WebGpu ? WebGpu.Try() : null);

    /// <summary>How a provider that can be used works, with what it found: "works, with …".</summary>
    /// <param name="provider">The provider; <see cref="WhyNot"/> has said null of it.</param>
    /// <param name="options">What a session would be opened with.</param>
    public static string Describe(ExecutionProvider provider, ModelSessionOptions options)
    {
        if (provider == ExecutionProvider.WebGpu)
        {
            return WebGpu.Describe();
        }

        // Where several CUDA installations are on a machine, the paths say which one is used.
        ILookup<bool, CudaLibrary> found =
            CudaLibraries.Load(provider, options.CudaLibraries).ToLookup(library => library.Problem is null);
        string without = found[false].Any() ? $"; without {string.Join(", ", found[false].Select(library => library.Name))}" : "";
        return $"works, with {string.Join(", ", found[true].Select(library => library.Path))}{without}";
    }
}
