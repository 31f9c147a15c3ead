using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;

namespace Pipeline.Inference;

/// <summary>ONNX Runtime's WebGPU provider: Dawn, which is linked into it, over this machine's Vulkan.</summary>
internal static class WebGpu
{
    /// <summary>What speaks against it before it is tried; null where nothing does.</summary>
    /// <param name="options">What a session would be opened with.</param>
    public static string? ProblemOf(ModelSessionOptions options) => options.Device == 0
        ? VulkanDevices.FindFault(out _)
        : "WebGPU chooses the GPU itself, a discrete one first; a device can be named for NVIDIA's providers alone";

    /// <summary>Puts the provider into a session's options; it opens the GPU here.</summary>
    /// <exception cref="OnnxRuntimeException">No GPU suits it.</exception>
    public static void Append(SessionOptions native) => native.AppendExecutionProvider("WebGPU");

    /// <summary>Opens the GPU without a model.</summary>
    /// <returns>Why that fails; null where it does not.</returns>
    public static string? Try()
    {
        using var native = new SessionOptions();
        try
        {
            Append(native);
            return null;
        }
        catch (OnnxRuntimeException exception)
        {
            return Explain(exception.Message);
        }
    }

    /// <summary>Says a failure's text so that it helps, where it is one of those that are known.</summary>
    public static string Explain(string message)
    {
        if (message.Contains("Failed to get a WebGPU adapter", StringComparison.Ordinal))
        {
            // What is lacking, Dawn has written to standard error.
            return $"Vulkan has {Names()}, which lacks what WebGPU needs: try a newer driver (docs/gpu.md)";
        }

        return message.Contains("requires f16", StringComparison.Ordinal)
            ? $"the model is in half precision, which the Vulkan driver of {Names()} does not compute (docs/gpu.md)"
            : NativeMessage.OneLine(message);
    }

    /// <summary>How it works, for people: with the devices that it chooses from.</summary>
    public static string Describe()
    {
        _ = VulkanDevices.FindFault(out ImmutableArray<VulkanDevice> devices);
        string slow = devices.All(device => device.IsProcessor) ? ", which is the processor: slower than cpu" : "";
        return $"works, on {Names(devices)}{slow}";
    }

    private static string Names()
    {
        _ = VulkanDevices.FindFault(out ImmutableArray<VulkanDevice> devices);
        return Names(devices);
    }

    private static string Names(ImmutableArray<VulkanDevice> devices) =>
        string.Join(" or ", devices.Select(device => device.Name));
}
