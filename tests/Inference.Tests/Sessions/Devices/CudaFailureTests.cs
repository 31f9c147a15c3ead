namespace Pipeline.Inference.Tests;

public sealed class CudaFailureTests
{
    // As ONNX Runtime's CUDA provider and CudaRuntime put them.
    [Theory]
    [InlineData("CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; hostname=cam ; file=cuda_call.cc", true)]
    [InlineData("CUDA failure 719 in cudaEventSynchronize: cudaErrorLaunchFailure, unspecified launch failure", true)]
    [InlineData("Status Message: CUDA error cudaErrorIllegalAddress:an illegal memory access was encountered", true)]
    [InlineData("Status Message: CUDA error cudaErrorUnknown:unknown error", true)]
    [InlineData("CUDNN failure 5000: CUDNN_STATUS_EXECUTION_FAILED ; then CUDA failure 214: uncorrectable ECC error", true)]
    [InlineData("CUDA failure 226: Invalid access of peer GPU memory over nvlink or a hardware error ; GPU=0", true)]
    [InlineData("CUDA error cudaErrorContained:Invalid access of peer GPU memory over nvlink or a hardware error", true)]
    [InlineData("CUDA failure 721 in cudaEventSynchronize: cudaErrorTensorMemoryLeak", true)]
    [InlineData("CUDA failure 810 in cudaEventSynchronize: cudaErrorMpsClientTerminated", true)]
    [InlineData("CUDA failure 720: too many blocks in cooperative launch", false)]
    [InlineData("CUDA failure 2: out of memory ; GPU=0", false)]
    [InlineData("CUDA failure 7000: no such number", false)]
    [InlineData("CUDA error cudaErrorInvalidValue:invalid argument", false)]
    [InlineData("CUDA failure 99999999999999999999", false)]
    [InlineData("The model's run has not come back after 30 s.", false)]
    public void IsDeviceLost_TextOfAnError_TellsFinalOnesFromOthers(string message, bool isLost) =>
        Assert.Equal(isLost, CudaFailure.IsDeviceLost(message));
}
