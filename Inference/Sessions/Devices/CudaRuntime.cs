using System.Runtime.InteropServices;

namespace Pipeline.Inference;

/// <summary>
/// The calls of CUDA's run-time library that a session needs beside ONNX Runtime: it copies and waits in the background, which
/// ONNX Runtime's own interface can't. Names and meanings are those of NVIDIA's CUDA Runtime API. Thread-safe.
/// </summary>
internal sealed unsafe class CudaRuntime
{
    /// <summary>The library; the CUDA provider links the same.</summary>
    public const string LibraryName = "libcudart.so.13";

    private const uint NonBlockingStream = 1;
    private const uint BlockingSyncEvent = 1;
    private const int AnyDirection = 4;

    private readonly delegate* unmanaged<int, int> _setDevice;
    private readonly delegate* unmanaged<nint*, nuint, int> _malloc;
    private readonly delegate* unmanaged<nint, int> _free;
    private readonly delegate* unmanaged<nint*, nuint, uint, int> _hostAlloc;
    private readonly delegate* unmanaged<nint, int> _freeHost;
    private readonly delegate* unmanaged<nint*, uint, int> _streamCreateWithFlags;
    private readonly delegate* unmanaged<nint, int> _streamDestroy;
    private readonly delegate* unmanaged<nint, int> _streamQuery;
    private readonly delegate* unmanaged<nint, nint, uint, int> _streamWaitEvent;
    private readonly delegate* unmanaged<nint*, uint, int> _eventCreateWithFlags;
    private readonly delegate* unmanaged<nint, int> _eventDestroy;
    private readonly delegate* unmanaged<nint, nint, int> _eventRecord;
    private readonly delegate* unmanaged<nint, int> _eventSynchronize;
    private readonly delegate* unmanaged<float*, nint, nint, int> _eventElapsedTime;
    private readonly delegate* unmanaged<nint, nint, nuint, int, nint, int> _memcpyAsync;
    private readonly delegate* unmanaged<nint, int, nuint, nint, int> _memsetAsync;
    private readonly delegate* unmanaged<int> _getLastError;
    private readonly delegate* unmanaged<int, nint> _getErrorName;
    private readonly delegate* unmanaged<int, nint> _getErrorString;

    /// <summary>Finds the functions of the loaded library.</summary>
    /// <param name="library">Handle of <see cref="LibraryName"/>.</param>
    /// <exception cref="EntryPointNotFoundException">It lacks one.</exception>
    public CudaRuntime(nint library)
    {
        _setDevice = (delegate* unmanaged<int, int>)Find("cudaSetDevice");
        _malloc = (delegate* unmanaged<nint*, nuint, int>)Find("cudaMalloc");
        _free = (delegate* unmanaged<nint, int>)Find("cudaFree");
        _hostAlloc = (delegate* unmanaged<nint*, nuint, uint, int>)Find("cudaHostAlloc");
        _freeHost = (delegate* unmanaged<nint, int>)Find("cudaFreeHost");
        _streamCreateWithFlags = (delegate* unmanaged<nint*, uint, int>)Find("cudaStreamCreateWithFlags");
        _streamDestroy = (delegate* unmanaged<nint, int>)Find("cudaStreamDestroy");
        _streamQuery = (delegate* unmanaged<nint, int>)Find("cudaStreamQuery");
        _streamWaitEvent = (delegate* unmanaged<nint, nint, uint, int>)Find("cudaStreamWaitEvent");
        _eventCreateWithFlags = (delegate* unmanaged<nint*, uint, int>)Find("cudaEventCreateWithFlags");
        _eventDestroy = (delegate* unmanaged<nint, int>)Find("cudaEventDestroy");
        _eventRecord = (delegate* unmanaged<nint, nint, int>)Find("cudaEventRecord");
        _eventSynchronize = (delegate* unmanaged<nint, int>)Find("cudaEventSynchronize");
        _eventElapsedTime = (delegate* unmanaged<float*, nint, nint, int>)Find("cudaEventElapsedTime");
        _memcpyAsync = (delegate* unmanaged<nint, nint, nuint, int, nint, int>)Find("cudaMemcpyAsync");
        _memsetAsync = (delegate* unmanaged<nint, int, nuint, nint, int>)Find("cudaMemsetAsync");
        _getLastError = (delegate* unmanaged<int>)Find("cudaGetLastError");
        _getErrorName = (delegate* unmanaged<int, nint>)Find("cudaGetErrorName");
        _getErrorString = (delegate* unmanaged<int, nint>)Find("cudaGetErrorString");

        nint Find(string name) => NativeLibrary.GetExport(library, name);
    }

    /// <summary>Chooses the device of the calling thread.</summary>
    public void SetDevice(int device) => Check(_setDevice(device), "cudaSetDevice");

    /// <summary>The same for calls that give something back: on a lost device it fails, and there is nobody to tell.</summary>
    public void TrySetDevice(int device) => _ = Taken(_setDevice(device));

    /// <summary>Takes device memory.</summary>
    public nint Allocate(long bytes)
    {
        nint address;
        Check(_malloc(&address, (nuint)bytes), "cudaMalloc");
        return address;
    }

    /// <summary>Gives device memory back; waits for what is under way. Throws nothing: a lost device has lost its memory.</summary>
    /// <returns>CUDA's error; 0 where there is none.</returns>
    public int Free(nint address) => Taken(_free(address));

    /// <summary>Takes locked main memory.</summary>
    public nint AllocateHost(long bytes)
    {
        nint address;
        Check(_hostAlloc(&address, (nuint)bytes, 0), "cudaHostAlloc");
        return address;
    }

    /// <summary>Gives locked main memory back. A finalizer may call it, so it throws nothing.</summary>
    public bool TryFreeHost(nint address) => Taken(_freeHost(address)) == 0;

    /// <summary>Makes a stream that waits for no other.</summary>
    public nint CreateStream()
    {
        nint stream;
        Check(_streamCreateWithFlags(&stream, NonBlockingStream), "cudaStreamCreateWithFlags");
        return stream;
    }

    /// <summary>Ends a stream when its work is done. Throws nothing.</summary>
    public void DestroyStream(nint stream) => _ = Taken(_streamDestroy(stream));

    /// <summary>The error of a stream's device that only a new process gets rid of; null where there is none. Does not wait.</summary>
    public string? FinalErrorOf(nint stream)
    {
        int error = Taken(_streamQuery(stream));
        return CudaFailure.IsFinal(error) ? Text(error, "cudaStreamQuery") : null;
    }

    /// <summary>Makes an event.</summary>
    /// <param name="spinning">Whether a thread that waits for it burns its core, to go on some microseconds sooner.</param>
    public nint CreateEvent(bool spinning)
    {
        nint created;
        Check(_eventCreateWithFlags(&created, spinning ? 0 : BlockingSyncEvent), "cudaEventCreateWithFlags");
        return created;
    }

    /// <summary>Ends an event. Throws nothing.</summary>
    public void DestroyEvent(nint deviceEvent) => _ = Taken(_eventDestroy(deviceEvent));

    /// <summary>Puts an event into a stream.</summary>
    public void Record(nint deviceEvent, nint stream) => Check(_eventRecord(deviceEvent, stream), "cudaEventRecord");

    /// <summary>Holds a stream until an event has happened.</summary>
    public void Hold(nint stream, nint deviceEvent) =>
        Check(_streamWaitEvent(stream, deviceEvent, 0), "cudaStreamWaitEvent");

    /// <summary>Waits for an event.</summary>
    public void Wait(nint deviceEvent) => Check(_eventSynchronize(deviceEvent), "cudaEventSynchronize");

    /// <summary>Milliseconds between two events.</summary>
    public float Milliseconds(nint from, nint to)
    {
        float milliseconds;
        Check(_eventElapsedTime(&milliseconds, from, to), "cudaEventElapsedTime");
        return milliseconds;
    }

    /// <summary>Puts a copy into a stream; the addresses say in which direction.</summary>
    public void Copy(nint target, nint source, long bytes, nint stream) =>
        Check(_memcpyAsync(target, source, (nuint)bytes, AnyDirection, stream), "cudaMemcpyAsync");

    /// <summary>Puts a clearing into a stream.</summary>
    public void Clear(nint target, long bytes, nint stream) =>
        Check(_memsetAsync(target, 0, (nuint)bytes, stream), "cudaMemsetAsync");

    // CUDA keeps a thread's last error until somebody takes it, "not ready" among them. ONNX Runtime takes it after each node, so
    // that it would call its own next run on this thread failed. An error of ours ends here.
    private int Taken(int error)
    {
        if (error != 0)
        {
            _ = _getLastError();
        }

        return error;
    }

    private void Check(int error, string call)
    {
        if (Taken(error) == 0)
        {
            return;
        }

        throw new ModelRunException(Text(error, call)) { IsDeviceLost = CudaFailure.IsFinal(error) };
    }

    // "CUDA failure N" is how ONNX Runtime's CUDA provider puts it, too.
    private string Text(int error, string call)
    {
        string name = Marshal.PtrToStringUTF8(_getErrorName(error)) ?? "";
        string text = Marshal.PtrToStringUTF8(_getErrorString(error)) ?? "";
        return $"CUDA failure {error} in {call}: {name}, {text}";
    }
}
