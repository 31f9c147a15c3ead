using System.Runtime.InteropServices;

namespace Pipeline.Inference;

/// <summary>
/// Main memory that CUDA has locked, so that copies need no stop in between. It may outlive the session that it was made for.
/// </summary>
internal sealed unsafe class PinnedBuffer : NativeBuffer
{
    /// <summary>Frees the block.</summary>
    private readonly CudaDevice _device;

    /// <summary>Takes a block over, and clears it.</summary>
    /// <param name="device">Whose block it is.</param>
    /// <param name="address">Where it is.</param>
    /// <param name="bytes">Its bytes, at least 1.</param>
    public PinnedBuffer(CudaDevice device, nint address, long bytes)
        : base(address, bytes)
    {
        _device = device;
        NativeMemory.Clear((void*)handle, (nuint)bytes);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => _device.TryFreeHost(handle);
}
