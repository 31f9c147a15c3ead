namespace Pipeline.Inference;

/// <summary>Memory on a device, freed once.</summary>
internal sealed class DeviceBuffer : IDisposable
{
    private readonly IDevice _device;

    /// <summary>Takes memory.</summary>
    /// <param name="device">Where.</param>
    /// <param name="length">Bytes, at least 1.</param>
    /// <exception cref="ModelRunException">There is not so much.</exception>
    public DeviceBuffer(IDevice device, long length)
    {
        _device = device;
        Length = length;
        Address = device.Allocate(length);
    }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>Address on the device; 0 once it is freed.</summary>
    public nint Address { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Address != 0)
        {
            _device.Free(Address);
            Address = 0;
        }
    }
}
