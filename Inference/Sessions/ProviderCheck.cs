using Microsoft.ML.OnnxRuntime;

namespace Pipeline.Inference;

/// <summary>What ONNX Runtime can do on this machine, without a model.</summary>
public static class ProviderCheck
{
    /// <summary>Looks whether the library can be loaded.</summary>
    /// <param name="version">Its version; empty where it can't.</param>
    /// <returns>Why it can't be loaded; null where it can.</returns>
    public static string? FindFault(out string version)
    {
        try
        {
            OnnxProviders.UseEnvironment();
            version = OrtEnv.Instance().GetVersionString();
            return null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or TypeInitializationException or EntryPointNotFoundException)
        {
            version = "";
            return OnnxModelSession.OneLine(exception.GetBaseException().Message);
        }
    }

    /// <summary>Why a provider can't be used; null where its libraries and its device are there.</summary>
    /// <param name="provider">The provider, not <see cref="ExecutionProvider.Auto"/>.</param>
    public static string? WhyNot(ExecutionProvider provider) => OnnxProviders.WhyNot(provider);
}
