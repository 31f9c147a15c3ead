namespace Pipeline.Inference;

/// <summary>A native library that a GPU provider needs, and what became of looking for it.</summary>
/// <param name="Name">Its file name: "libcudart.so.13".</param>
/// <param name="Part">What it belongs to, and so what is to be installed: "CUDA 13".</param>
/// <param name="Path">Where it was found; null where it was not.</param>
/// <param name="Problem">Why it can't be used, in some words; null where it can.</param>
/// <param name="IsOptional">Whether the provider works without it.</param>
public sealed record CudaLibrary(string Name, string Part, string? Path, string? Problem, bool IsOptional = false)
{
    /// <summary>The line that says it to people.</summary>
    public override string ToString() => $"{Name} ({Part}): {Problem ?? Path}";
}
