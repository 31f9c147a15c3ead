using System.Runtime.InteropServices;
using Pipeline.Testing;

namespace Pipeline.Inference.Tests;

/// <summary>The calls of CUDA against the libraries that stand in for it (tests/cuda), in the test's own process.</summary>
public sealed class CudaDeviceTests
{
    [Fact]
    public async Task Copy_ThereAndBack_BringsTheBytesAndTheTimes()
    {
        using var device = new CudaDevice(await OpenAsync(), device: 0, spinning: false);
        using NativeBuffer host = device.AllocateHost(8), back = device.AllocateHost(8);
        Assert.Equal(new byte[8], host.Slice<byte>(0, 8).ToArray());
        using var memory = new DeviceBuffer(device, 8);
        using DeviceEvent begun = new(device), there = new(device), cleared = new(device), done = new(device);

        host.Slice<byte>(0, 8).Fill(3);
        begun.Record(DeviceQueue.CopyIn);
        device.Copy(memory.Address, host.Address, 8, DeviceQueue.CopyIn);
        there.Record(DeviceQueue.CopyIn);
        there.Hold(DeviceQueue.Compute);
        device.Clear(memory.Address, 4, DeviceQueue.Compute);
        cleared.Record(DeviceQueue.Compute);
        cleared.Hold(DeviceQueue.CopyOut);
        device.Copy(back.Address, memory.Address, 8, DeviceQueue.CopyOut);
        done.Record(DeviceQueue.CopyOut);
        done.Wait();

        Assert.Equal([0, 0, 0, 0, 3, 3, 3, 3], back.Slice<byte>(0, 8).ToArray());
        Assert.True(done.Since(begun) > TimeSpan.Zero);
        Assert.NotEqual(0, device.ComputeStream);
        Assert.Equal("Cuda", device.Memory.Name);
    }

    [Fact]
    public async Task Allocate_TooMuch_IsAnErrorThatTheDeviceSurvives()
    {
        using var device = new CudaDevice(await OpenAsync(), device: 0, spinning: true);

        var exception = Assert.Throws<ModelRunException>(() => device.Allocate(1L << 40));

        Assert.Equal("CUDA failure 2 in cudaMalloc: cudaErrorMemoryAllocation, out of memory", exception.Message);
        Assert.False(exception.IsDeviceLost);
        device.Free(device.Allocate(1 << 20));
    }

    [Fact]
    public async Task Copy_BeyondItsBlock_IsAnError()
    {
        using var device = new CudaDevice(await OpenAsync(), device: 0, spinning: true);
        using NativeBuffer host = device.AllocateHost(4096);
        using var memory = new DeviceBuffer(device, 256);

        var exception = Assert.Throws<ModelRunException>(
            () => device.Copy(memory.Address, host.Address, 4096, DeviceQueue.CopyIn));

        Assert.Contains("cudaMemcpyAsync", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CudaDevice_NoSuchNumber_IsAnError()
    {
        CudaRuntime cuda = await OpenAsync();

        var exception = Assert.Throws<ModelRunException>(() => new CudaDevice(cuda, device: 7, spinning: false));

        Assert.Contains("cudaSetDevice", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Abandon_WithEverythingTaken_GivesNothingBack()
    {
        CudaRuntime cuda = await OpenAsync();
        var device = new CudaDevice(cuda, device: 0, spinning: false);
        var memory = new DeviceBuffer(device, 256);
        nint address = memory.Address;

        device.Abandon();
        memory.Dispose();
        device.Dispose();

        // Still taken: CUDA itself can give it back, once.
        Assert.Equal(0, cuda.Free(address));
        Assert.NotEqual(0, cuda.Free(address));
    }

    private static async Task<CudaRuntime> OpenAsync() =>
        new(NativeLibrary.Load(Path.Combine(await CudaStandIn.FolderAsync(), CudaRuntime.LibraryName)));
}
