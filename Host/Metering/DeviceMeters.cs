using System.Diagnostics.Metrics;
using Pipeline.Inference;

namespace Pipeline.Host.Metering;

/// <summary>
/// What a device does for a run of the session: the copy of the input, the run itself, the copy of the outputs. They are parts
/// of no frame's way on the CPU, so they show only once a device has measured something.
/// </summary>
/// <remarks>Any number of threads may read; one records. Recording takes no lock and allocates nothing.</remarks>
internal sealed class DeviceMeters
{
    private readonly StageMeter[] _stages;
    private readonly KeyValuePair<string, object?>[] _tags;

    /// <summary>Makes meters at zero.</summary>
    public DeviceMeters(TimeProvider time)
    {
        _stages = [new StageMeter("copy-in", time), new StageMeter("device", time), new StageMeter("copy-out", time)];
        _tags = [.. _stages.Select(stage => new KeyValuePair<string, object?>("stage", stage.Name))];
    }

    /// <summary>The stages in their order; none where nothing was measured.</summary>
    public IReadOnlyList<StageMeter> Stages => _stages[^1].Frames > 0 ? _stages : [];

    /// <summary>Records a run: each frame was in it all the time, and had its share of the work.</summary>
    public void Record(int frames, in DeviceTimes times, Histogram<double> seconds)
    {
        Record(0, frames, times.CopyIn, seconds);
        Record(1, frames, times.Run, seconds);
        Record(2, frames, times.CopyOut, seconds);
    }

    private void Record(int stage, int frames, TimeSpan elapsed, Histogram<double> seconds)
    {
        for (int i = 0; i < frames; i++)
        {
            _stages[stage].Record(elapsed, elapsed / frames);
            seconds.Record(elapsed.TotalSeconds, _tags[stage]);
        }
    }
}
