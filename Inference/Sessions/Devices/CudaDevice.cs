using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;

namespace Pipeline.Inference;

/// <summary>An NVIDIA GPU with a stream for each queue. ONNX Runtime runs models in <see cref="ComputeStream"/>.</summary>
internal sealed class CudaDevice : IDevice
{
    private readonly CudaRuntime _cuda;
    private readonly int _device;
    private readonly bool _spinning;

    /// <summary>The streams, by queue.</summary>
    private readonly ImmutableArray<nint> _streams;

    /// <summary>1 once it is disposed.</summary>
    private int _isDisposed;

    /// <summary>See <see cref="IsAbandoned"/>.</summary>
    private volatile bool _isAbandoned;

    /// <summary>A device.</summary>
    /// <param name="cuda">CUDA.</param>
    /// <param name="device">The device's number.</param>
    /// <param name="spinning">Whether a thread that waits for the device burns its core.</param>
    /// <exception cref="ModelRunException">There is no such device, or it does not work.</exception>
    public CudaDevice(CudaRuntime cuda, int device, bool spinning)
    {
        _cuda = cuda;
        _device = device;
        _spinning = spinning;
        cuda.SetDevice(device);
        _streams = [.. Enum.GetValues<DeviceQueue>().Select(_ => cuda.CreateStream())];
        Memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA, OrtAllocatorType.DeviceAllocator, device, OrtMemType.Default);
    }

    /// <inheritdoc/>
    public OrtMemoryInfo Memory { get; }

    /// <inheritdoc/>
    public bool IsAbandoned => _isAbandoned;

    /// <inheritdoc/>
    public string? Loss => _isAbandoned ? "the device does not come back" : _cuda.FinalErrorOf(ComputeStream);

    /// <summary>The stream of the model's runs.</summary>
    public nint ComputeStream => _streams[(int)DeviceQueue.Compute];

    /// <inheritdoc/>
    public nint Allocate(long bytes) => Cuda.Allocate(bytes);

    /// <inheritdoc/>
    public void Free(nint address)
    {
        if (MayGiveBack())
        {
            _cuda.Free(address);
        }
    }

    /// <inheritdoc/>
    public NativeBuffer AllocateHost(long bytes) => new PinnedBuffer(this, Cuda.AllocateHost(bytes), bytes);

    /// <summary>Gives locked main memory back. A finalizer may call it, so it throws nothing.</summary>
    /// <returns>Whether it went well.</returns>
    public bool TryFreeHost(nint address) => MayGiveBack() && _cuda.TryFreeHost(address);

    /// <inheritdoc/>
    public nint CreateEvent() => Cuda.CreateEvent(_spinning);

    /// <inheritdoc/>
    public void DestroyEvent(nint deviceEvent)
    {
        if (MayGiveBack())
        {
            _cuda.DestroyEvent(deviceEvent);
        }
    }

    /// <inheritdoc/>
    public void Copy(nint target, nint source, long bytes, DeviceQueue queue) =>
        Cuda.Copy(target, source, bytes, _streams[(int)queue]);

    /// <inheritdoc/>
    public void Clear(nint target, long bytes, DeviceQueue queue) => Cuda.Clear(target, bytes, _streams[(int)queue]);

    /// <inheritdoc/>
    public void Record(nint deviceEvent, DeviceQueue queue) => Cuda.Record(deviceEvent, _streams[(int)queue]);

    /// <inheritdoc/>
    public void Hold(DeviceQueue queue, nint deviceEvent) => Cuda.Hold(_streams[(int)queue], deviceEvent);

    /// <inheritdoc/>
    public void Wait(nint deviceEvent) => Cuda.Wait(deviceEvent);

    /// <inheritdoc/>
    public TimeSpan Elapsed(nint from, nint to) => TimeSpan.FromMilliseconds(Cuda.Milliseconds(from, to));

    /// <inheritdoc/>
    public void Abandon() => _isAbandoned = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0 && MayGiveBack())
        {
            foreach (nint stream in _streams)
            {
                _cuda.DestroyStream(stream);
            }

            Memory.Dispose();
        }
    }

    /// <summary>CUDA, with this device as the calling thread's: each thread has a choice of its own.</summary>
    /// <exception cref="ModelRunException">The device is lost.</exception>
    private CudaRuntime Cuda
    {
        get
        {
            _cuda.SetDevice(_device);
            return _cuda;
        }
    }

    // The device is chosen here too: a thread that has chosen none would wake up device 0.
    private bool MayGiveBack()
    {
        if (!_isAbandoned)
        {
            _cuda.TrySetDevice(_device);
        }

        return !_isAbandoned;
    }
}
