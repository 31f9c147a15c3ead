namespace Pipeline.Inference;

/// <summary>What a run took on the device, by the device's own clock.</summary>
/// <param name="CopyIn">The copy of the input to the device.</param>
/// <param name="Run">The model's run.</param>
/// <param name="CopyOut">The copy of the outputs from the device.</param>
public readonly record struct DeviceTimes(TimeSpan CopyIn, TimeSpan Run, TimeSpan CopyOut)
{
    /// <summary>What two runs took together.</summary>
    public static DeviceTimes operator +(DeviceTimes one, DeviceTimes other) =>
        new(one.CopyIn + other.CopyIn, one.Run + other.Run, one.CopyOut + other.CopyOut);
}
