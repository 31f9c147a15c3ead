using System.Runtime.InteropServices;
using Pipeline.Testing;

namespace Pipeline.Inference.Tests;

/// <summary>
/// The calls of CUDA against a library that stands in for it: it does at once in main memory what CUDA does on a device, and
/// refuses what CUDA would refuse.
/// </summary>
public sealed class CudaDeviceTests : IDisposable
{
    // Signatures as in NVIDIA's CUDA Runtime API, 13.
    private const string StandIn = """
        #include <stdlib.h>
        #include <string.h>
        typedef int cudaError_t; typedef void *cudaStream_t; typedef void *cudaEvent_t;
        static long now; static int device = -1; static int streams;
        cudaError_t cudaSetDevice(int d) { if (d > 1) return 101; device = d; return 0; }
        cudaError_t cudaMalloc(void **p, size_t n) { if (n > 1 << 20) return 2; return (*p = malloc(n)) ? 0 : 2; }
        cudaError_t cudaFree(void *p) { free(p); return 0; }
        cudaError_t cudaHostAlloc(void **p, size_t n, unsigned flags) { return flags ? 1 : (*p = memset(malloc(n), 7, n)) ? 0 : 2; }
        cudaError_t cudaFreeHost(void *p) { free(p); return 0; }
        cudaError_t cudaStreamCreateWithFlags(cudaStream_t *s, unsigned flags) { *s = (void *)(long)++streams; return flags == 1 ? 0 : 1; }
        cudaError_t cudaStreamDestroy(cudaStream_t s) { streams--; return 0; }
        cudaError_t cudaStreamWaitEvent(cudaStream_t s, cudaEvent_t e, unsigned flags) { return s && e && !flags ? 0 : 1; }
        cudaError_t cudaEventCreateWithFlags(cudaEvent_t *e, unsigned flags) { *e = calloc(1, sizeof now); return flags <= 1 ? 0 : 1; }
        cudaError_t cudaEventDestroy(cudaEvent_t e) { free(e); return 0; }
        cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t s) { if (!s || device < 0) return 1; *(long *)e = ++now; return 0; }
        cudaError_t cudaEventSynchronize(cudaEvent_t e) { return *(long *)e ? 0 : 700; }
        cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t a, cudaEvent_t b) { *ms = *(long *)b - *(long *)a; return 0; }
        cudaError_t cudaMemcpyAsync(void *d, const void *s, size_t n, int kind, cudaStream_t q) { if (kind != 4 || !q) return 1; memcpy(d, s, n); return 0; }
        cudaError_t cudaMemsetAsync(void *d, int v, size_t n, cudaStream_t q) { if (!q) return 1; memset(d, v, n); return 0; }
        const char *cudaGetErrorName(cudaError_t e) { return e == 2 ? "cudaErrorMemoryAllocation" : "cudaErrorOther"; }
        const char *cudaGetErrorString(cudaError_t e) { return e == 2 ? "out of memory" : "other"; }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Copy_ThereAndBack_BringsTheBytesAndTheTimes()
    {
        using var device = new CudaDevice(await OpenAsync(), device: 0, spinning: false);
        using NativeBuffer host = device.AllocateHost(8);
        Assert.Equal(new byte[8], host.Slice<byte>(0, 8).ToArray());
        using var memory = new DeviceBuffer(device, 8);
        using DeviceEvent begun = new(device), done = new(device);

        host.Slice<byte>(0, 8).Fill(3);
        begun.Record(DeviceQueue.CopyIn);
        device.Copy(memory.Address, host.Address, 8, DeviceQueue.CopyIn);
        host.Slice<byte>(0, 8).Clear();
        done.Record(DeviceQueue.CopyIn);
        done.Hold(DeviceQueue.Compute);
        device.Clear(memory.Address, 4, DeviceQueue.Compute);
        device.Copy(host.Address, memory.Address, 8, DeviceQueue.CopyOut);
        done.Wait();

        Assert.Equal([0, 0, 0, 0, 3, 3, 3, 3], host.Slice<byte>(0, 8).ToArray());
        Assert.Equal(TimeSpan.FromMilliseconds(1), done.Since(begun));
        Assert.NotEqual(0, device.ComputeStream);
        Assert.Equal("Cuda", device.Memory.Name);
    }

    [Fact]
    public async Task Allocate_TooMuch_IsAnErrorThatTheDeviceSurvives()
    {
        using var device = new CudaDevice(await OpenAsync(), device: 0, spinning: true);

        var exception = Assert.Throws<ModelRunException>(() => device.Allocate(1 << 24));

        Assert.Equal("CUDA failure 2 in cudaMalloc: cudaErrorMemoryAllocation, out of memory", exception.Message);
        Assert.False(exception.IsDeviceLost);
    }

    [Fact]
    public async Task Wait_IllegalAddress_SaysThatTheDeviceIsLost()
    {
        using var device = new CudaDevice(await OpenAsync(), device: 0, spinning: true);
        using var never = new DeviceEvent(device);

        Assert.True(Assert.Throws<ModelRunException>(never.Wait).IsDeviceLost);
    }

    [Fact]
    public async Task CudaDevice_NoSuchNumber_IsAnError()
    {
        CudaRuntime cuda = await OpenAsync();

        var exception = Assert.Throws<ModelRunException>(() => new CudaDevice(cuda, device: 7, spinning: false));

        Assert.Contains("cudaSetDevice", exception.Message, StringComparison.Ordinal);
    }

    private async Task<CudaRuntime> OpenAsync()
    {
        await File.WriteAllTextAsync(_folder["cuda.c"], StandIn);
        CommandResult result = await Command.RunAsync(
            "g++", ["-x", "c", "-shared", "-fPIC", "-o", _folder["libcudart.so"], _folder["cuda.c"]]);
        Assert.True(result.ExitCode == 0, result.Error);
        return new CudaRuntime(NativeLibrary.Load(_folder["libcudart.so"]));
    }
}
