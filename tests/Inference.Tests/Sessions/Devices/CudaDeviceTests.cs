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

    /// <summary>ONNX Runtime asks for the thread's last error after each node, and would take ours for its own.</summary>
    [Fact]
    public async Task LastError_AfterCallsThatFailed_IsNone()
    {
        nint library = await LoadAsync();
        var cuda = new CudaRuntime(library);
        using var device = new CudaDevice(cuda, device: 0, spinning: false);

        Assert.Throws<ModelRunException>(() => device.Allocate(1L << 40));
        AssertNone();
        cuda.TrySetDevice(7);
        AssertNone();
        device.Free(1);
        AssertNone();
        Assert.False(cuda.TryFreeHost(1));
        AssertNone();
        cuda.DestroyStream(1);
        AssertNone();

        void AssertNone() => Assert.Equal(0, TakeLastError(library));
    }

    [Fact]
    public async Task Loss_StreamAtWork_IsNoneAndLeavesNoErrorBehind()
    {
        nint library = await LoadAsync();
        using var busy = new ManualResetEventSlim();
        using var device = new CudaDevice(new CudaRuntime(library), device: 0, spinning: false);
        KeepBusy(library, device.ComputeStream, busy);

        string? loss = device.Loss;
        int lastError = TakeLastError(library);
        busy.Set();

        Assert.Null(loss);
        Assert.Equal(0, lastError);
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

    private static async Task<CudaRuntime> OpenAsync() => new(await LoadAsync());

    private static async Task<nint> LoadAsync() =>
        NativeLibrary.Load(Path.Combine(await CudaStandIn.FolderAsync(), CudaRuntime.LibraryName));

    private static unsafe int TakeLastError(nint library) =>
        ((delegate* unmanaged<int>)NativeLibrary.GetExport(library, "cudaGetLastError"))();

    /// <summary>Puts into a stream what takes until an event is set.</summary>
    private static unsafe void KeepBusy(nint library, nint stream, ManualResetEventSlim until)
    {
        var launch = (delegate* unmanaged<nint, delegate* unmanaged<nint, void>, nint, int>)NativeLibrary.GetExport(library, "cudaLaunchHostFunc");
        Assert.Equal(0, launch(stream, &WaitFor, GCHandle.ToIntPtr(GCHandle.Alloc(until))));
    }

    [UnmanagedCallersOnly]
    private static void WaitFor(nint handle)
    {
        GCHandle until = GCHandle.FromIntPtr(handle);
        ((ManualResetEventSlim)until.Target!).Wait();
        until.Free();
    }
}
