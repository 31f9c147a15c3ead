namespace Pipeline.Inference;

/// <summary>A device that a Vulkan driver of this machine offers.</summary>
/// <param name="Name">What its driver calls it.</param>
/// <param name="IsProcessor">Whether the driver computes on the CPU, many times slower than the provider cpu.</param>
internal sealed record VulkanDevice(string Name, bool IsProcessor);
