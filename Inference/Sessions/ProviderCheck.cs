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
    public static string? WhyNot(ExecutionProvider provider, ModelSessionOptions options) => OnnxProviders.ProblemOf(provider, options);
}
