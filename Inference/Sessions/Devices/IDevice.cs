using Microsoft.ML.OnnxRuntime;

namespace Pipeline.Inference;

/// <summary>The queues of a device. What is in one goes on in order; the three go on beside each other.</summary>
internal enum DeviceQueue
{
    /// <summary>Copies to the device.</summary>
    CopyIn,

    /// <summary>The model's runs.</summary>
    Compute,

    /// <summary>Copies from the device.</summary>
    CopyOut,
}

/// <summary>
/// A device with memory of its own, as a session uses it. The seam between the session and CUDA: tests run the CPU's session
/// with a device that is made up. Any thread may call; an address or an event is used by one thread at a time.
/// </summary>
/// <remarks>
/// Every call throws <see cref="ModelRunException"/> where the device fails, but for those that give something back: on a lost
/// device there is nothing to give back, and whoever closes everything must come to his end.
/// </remarks>
internal interface IDevice : IDisposable
{
    /// <summary>How ONNX Runtime calls the device's memory.</summary>
    OrtMemoryInfo Memory { get; }

    /// <summary>Takes memory on the device. Bytes, at least 1.</summary>
    nint Allocate(long bytes);

    /// <summary>Gives memory of the device back, once everything that uses it has ended.</summary>
    void Free(nint address);

    /// <summary>Takes main memory that the device copies to and from without a stop in between, cleared.</summary>
    NativeBuffer AllocateHost(long bytes);

    /// <summary>Makes an event: a point of a queue that can be waited for, and that has a time.</summary>
    nint CreateEvent();

    /// <summary>Ends an event.</summary>
    void DestroyEvent(nint deviceEvent);

    /// <summary>Puts a copy into a queue, between main memory and the device.</summary>
    void Copy(nint target, nint source, long bytes, DeviceQueue queue);

    /// <summary>Puts the clearing of device memory into a queue.</summary>
    void Clear(nint target, long bytes, DeviceQueue queue);

    /// <summary>Puts an event into a queue: it happens when all before it is done.</summary>
    void Record(nint deviceEvent, DeviceQueue queue);

    /// <summary>What is put into a queue from now on starts when the event has happened.</summary>
    void Hold(DeviceQueue queue, nint deviceEvent);

    /// <summary>Waits here until the event has happened.</summary>
    void Wait(nint deviceEvent);

    /// <summary>The time between two events that have happened.</summary>
    TimeSpan Elapsed(nint from, nint to);

    /// <summary>
    /// Why nothing more comes from the device: it was abandoned, or answers every call with an error that only a new process
    /// gets rid of. Null where it works.
    /// </summary>
    string? Loss { get; }

    /// <summary>Whether <see cref="Abandon"/> was called: threads may wait for the device for ever.</summary>
    bool IsAbandoned { get; }

    /// <summary>
    /// Says that the device does not come back from what it does. Giving something back would wait for that, so nothing is from
    /// now on: it goes with the process.
    /// </summary>
    void Abandon();
}
