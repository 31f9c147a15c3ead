namespace Pipeline.Inference.Tests;

/// <summary>What WebGPU's own errors become.</summary>
public sealed class WebGpuMessageTests
{
    [Fact]
    public void Explain_NoAdapter_SaysThatTheDriverLacksSomething() => Assert.Matches(
        @"^Vulkan has .*, which lacks what WebGPU needs: try a newer driver \(docs/gpu\.md\)$",
        WebGpu.Explain("webgpu_context.cc:100 was false. Failed to get a WebGPU adapter: No supported adapters"));

    [Fact]
    public void Explain_NoHalfPrecision_SaysThatTheModelNeedsIt() => Assert.StartsWith(
        "the model is in half precision, which",
        WebGpu.Explain("shader_helper.cc:401 GenerateSourceCode Program Transpose requires f16 but the device does not support it."),
        StringComparison.Ordinal);

    [Fact]
    public void Explain_AnotherError_SaysItInOneLine() => Assert.Equal("out of luck", WebGpu.Explain("out of\n luck\n"));
}
