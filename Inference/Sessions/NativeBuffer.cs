using System.Runtime.InteropServices;

namespace Pipeline.Inference;

/// <summary>
/// A block of native memory, aligned for the widest vectors and cleared. It is freed once: at disposal, or by the
/// finalizer where disposal was forgotten.
/// </summary>
internal unsafe class NativeBuffer : SafeHandle
{
    /// <summary>A cache line, and the width of a 512-bit vector.</summary>
    private const int Alignment = 64;

    /// <summary>Takes a block.</summary>
    /// <param name="length">Bytes, at least 1.</param>
    public NativeBuffer(long length)
        : base(0, ownsHandle: true)
    {
        Length = length;
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)length, Alignment));
        NativeMemory.Clear((void*)handle, (nuint)length);
    }

    /// <summary>Takes over a block that was got in another way; <see cref="ReleaseHandle"/> must give it back.</summary>
    protected NativeBuffer(nint address, long length)
        : base(0, ownsHandle: true)
    {
        Length = length;
        SetHandle(address);
    }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Address of the first byte.</summary>
    public nint Address => handle;

    /// <summary>A part of the block.</summary>
    /// <typeparam name="T">Type of the elements.</typeparam>
    /// <param name="first">Elements before the part.</param>
    /// <param name="count">Elements of the part.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside the block.</exception>
    public Span<T> Slice<T>(long first, int count)
        where T : unmanaged
    {
        if (first < 0 || count < 0 || (first + count) * sizeof(T) > Length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(first), first, $"{count} elements from there leave the block.");
        }

        return new Span<T>((T*)handle + first, count);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
