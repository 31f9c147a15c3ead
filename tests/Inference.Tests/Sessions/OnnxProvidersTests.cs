namespace Pipeline.Inference.Tests;

/// <summary>What the providers are told. Names and values are those of ONNX Runtime's documentation.</summary>
public sealed class OnnxProvidersTests
{
    [Fact]
    public void CudaOptions_Defaults_AreStrictAndModest()
    {
        Dictionary<string, string> options = OnnxProviders.CudaOptions(new ModelSessionOptions());

        Assert.Equal("0", options["device_id"]);
        Assert.Equal("0", options["use_tf32"]);
        Assert.Equal("0", options["enable_cuda_graph"]);
        Assert.Equal("0", options["prefer_nhwc"]);
        Assert.Equal("HEURISTIC", options["cudnn_conv_algo_search"]);
        Assert.Equal("kSameAsRequested", options["arena_extend_strategy"]);
        Assert.DoesNotContain("gpu_mem_limit", options.Keys);
    }

    [Fact]
    public void CudaOptions_Everything_IsPassedOn()
    {
        Dictionary<string, string> options = OnnxProviders.CudaOptions(
            new ModelSessionOptions
            {
                Device = 1,
                DeviceMemoryLimit = 2L << 30,
                TensorFloat32 = true,
                CudaGraph = true,
                ChannelsLast = true,
                ExhaustiveSearch = true,
            });

        Assert.Equal("1", options["device_id"]);
        Assert.Equal("2147483648", options["gpu_mem_limit"]);
        Assert.Equal("1", options["use_tf32"]);
        Assert.Equal("1", options["enable_cuda_graph"]);
        Assert.Equal("1", options["prefer_nhwc"]);
        Assert.Equal("EXHAUSTIVE", options["cudnn_conv_algo_search"]);
    }

    [Fact]
    public void TensorRtOptions_EngineCache_IsPassedOnWithItsFolder()
    {
        Dictionary<string, string> without = OnnxProviders.TensorRtOptions(new ModelSessionOptions());
        Dictionary<string, string> with = OnnxProviders.TensorRtOptions(
            new ModelSessionOptions { HalfPrecision = true, EngineCache = "/var/cache/engines" });

        Assert.Equal("0", without["trt_engine_cache_enable"]);
        Assert.Equal("0", without["trt_fp16_enable"]);
        Assert.Equal("1", with["trt_engine_cache_enable"]);
        Assert.Equal("/var/cache/engines", with["trt_engine_cache_path"]);
        Assert.Equal("1", with["trt_fp16_enable"]);
    }

    [Fact]
    public void DeviceMemoryLimit_TooSmall_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModelSessionOptions { DeviceMemoryLimit = 1 << 20 });
}
