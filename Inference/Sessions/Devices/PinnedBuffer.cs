using System.Runtime.InteropServices;

namespace Pipeline.Inference;

/// <summary>
/// Main memory that CUDA has locked, so that copies need no stop in between. It may outlive the device that made it.
/// </summary>
internal sealed unsafe class PinnedBuffer : NativeBuffer
{
    /// <summary>Frees the block.</summary>
    private readonly CudaRuntime _cuda;

    /// <summary>Takes a block.</summary>
    /// <param name="cuda">CUDA.</param>
    /// <param name="bytes">Bytes, at least 1.</param>
    /// <exception cref="ModelRunException">There is not so much.</exception>
    public PinnedBuffer(CudaRuntime cuda, long bytes)
        : base(cuda.AllocateHost(bytes), bytes)
    {
        _cuda = cuda;
        NativeMemory.Clear((void*)handle, (nuint)bytes);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => _cuda.TryFreeHost(handle);
}
