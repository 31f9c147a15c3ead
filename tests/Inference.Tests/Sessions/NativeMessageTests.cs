namespace Pipeline.Inference.Tests;

public sealed class NativeMessageTests
{
    [Fact]
    public void OneLine_PlacesInForeignSources_AreLeftOut()
    {
        const string Message = """
            [ErrorCode:Fail] Non-zero status code returned while running Conv node. Name:'conv1_1' Status Message: /onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:129 std::conditional_t<THRW, void, onnxruntime::common::Status> onnxruntime::CudaCall(ERRTYPE, const char*, int) [with ERRTYPE = cudaError; bool THRW = true; std::conditional_t<THRW, void, common::Status> = void] /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:359 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) CUDA failure 2:
            	out of memory ; GPU=0 ; hostname=cam ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/nn/conv.cc ; line=248 ; expr=cudaMalloc(&p, n);
            """;

        Assert.Equal(
            "[ErrorCode:Fail] Non-zero status code returned while running Conv node. Name:'conv1_1' Status Message: CUDA failure 2: out of memory ; GPU=0 ; expr=cudaMalloc(&p, n);",
            NativeMessage.OneLine(Message));
    }

    [Fact]
    public void OneLine_AWholeGraphBehindIt_IsCut()
    {
        string line = NativeMessage.OneLine("CUDNN_FE failure 6: " + new string('{', 5000));

        Assert.StartsWith("CUDNN_FE failure 6: {{{", line, StringComparison.Ordinal);
        Assert.EndsWith("{ …", line, StringComparison.Ordinal);
        Assert.InRange(line.Length, 100, 700);
    }

    [Fact]
    public void OneLine_NothingForeign_IsKept() =>
        Assert.Equal("Load model failed: /models/onnxruntime_src.onnx (3)", NativeMessage.OneLine("Load model failed: /models/onnxruntime_src.onnx (3)"));
}
