using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>A test of the library that './pipeline setup --cuda' fetches, skipped, and listed so, where it was not run.</summary>
internal sealed class CudaSetUpFactAttribute : FactAttribute
{
    /// <summary>Why such tests are skipped; null where they are not.</summary>
    public static string? Missing { get; } = File.Exists(Path.Combine(Repository.Root, "cuda/libonnxruntime.so.1"))
        ? null
        : "./pipeline setup --cuda was not run.";

    public CudaSetUpFactAttribute() => Skip = Missing;
}

/// <summary>The same for tests with several sets of data.</summary>
internal sealed class CudaSetUpTheoryAttribute : TheoryAttribute
{
    public CudaSetUpTheoryAttribute() => Skip = CudaSetUpFactAttribute.Missing;
}
