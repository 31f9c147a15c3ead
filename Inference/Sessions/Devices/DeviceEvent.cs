namespace Pipeline.Inference;

/// <summary>A point of a device's queue that can be waited for, and that has a time.</summary>
internal sealed class DeviceEvent : IDisposable
{
    private readonly IDevice _device;
    private nint _handle;

    /// <summary>Makes an event.</summary>
    /// <param name="device">Whose.</param>
    public DeviceEvent(IDevice device)
    {
        _device = device;
        _handle = device.CreateEvent();
    }

    /// <summary>Puts it into a queue.</summary>
    public void Record(DeviceQueue queue) => _device.Record(_handle, queue);

    /// <summary>Holds a queue until it has happened.</summary>
    public void Hold(DeviceQueue queue) => _device.Hold(queue, _handle);

    /// <summary>Waits here until it has happened.</summary>
    public void Wait() => _device.Wait(_handle);

    /// <summary>Time from another event to this one.</summary>
    public TimeSpan Since(DeviceEvent other) => _device.Elapsed(other._handle, _handle);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle != 0)
        {
            _device.DestroyEvent(_handle);
            _handle = 0;
        }
    }
}
