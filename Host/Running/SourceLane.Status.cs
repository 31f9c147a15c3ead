using Pipeline.Host.Health;
using Pipeline.Host.Metering;
using Pipeline.Host.Reporting;

namespace Pipeline.Host.Running;

/// <content>What a lane tells of itself: to the watchdog, to the meters, over HTTP and in the report. Any thread may ask.</content>
internal sealed partial class SourceLane
{
    /// <summary>How the source is.</summary>
    public SourceHealth Health => new(Name, Reader.State, Meter.WasTried, Reader.Failure ?? Reader.Trouble);

    /// <summary>How the stages are that are its alone.</summary>
    public IEnumerable<StageHealth> Stages =>
    [
        new StageHealth(PipelineMeters.NameOf(Stage.Render), Name, _render.Queue.Count, _render.Standstill),
        .. _ownSinks.Select(sink => sink.HealthOf(Name)),
    ];

    /// <summary>What is to be known of it.</summary>
    public SourceStatus Status
    {
        get
        {
            long size = Volatile.Read(ref _size);
            return new SourceStatus
            {
                Name = Name,
                Address = Reader.Address.ToString(),
                State = Reader.State,
                Trouble = Reader.Failure ?? Reader.Trouble,
                Format = Reader.Format,
                Width = (int)(size >> 32),
                Height = (int)size,
                FramesPerSecond = Meter.Results.PerSecond,
                Captured = Captured,
                Results = Meter.Latency.Count,
                Dropped = Meter.Dropped,
                Reconnects = Meter.Reconnects,
                HungCalls = Meter.HungCalls,
                Settings = Settings,
            };
        }
    }

    /// <summary>Frames that wait for each stage that it has a queue for; the sinks of its own are one.</summary>
    public IEnumerable<(string Source, Stage Stage, int Depth)> QueueDepths =>
    [
        (Name, Stage.Preprocess, QueueDepth),
        (Name, Stage.Render, _render.Queue.Count),
        (Name, Stage.Record, _ownSinks.Sum(sink => sink.Stage.Queue.Count)),
    ];

    /// <summary>What became of the source, for the report.</summary>
    public SourceFigures Figures(double wallSeconds)
    {
        LatencyFigures latency = LatencyFigures.From(Meter.Latency, wallSeconds);
        return new SourceFigures(
            Reader.Address.ToString(),
            PipelineMeters.NameOf(Reader.State),
            Reader.Failure,
            Reader.Warning,
            Captured,
            latency.Frames,
            latency.Fps,
            latency.P50Ms,
            latency.P95Ms,
            latency.P99Ms,
            SourceMeter.DropReasons.Where(reason => Meter.DroppedFor(reason) > 0).ToDictionary(PipelineMeters.NameOf, Meter.DroppedFor, StringComparer.Ordinal),
            _meters.Labels.Ids.Where(id => Meter.DetectionsOf(id) > 0).ToDictionary(id => _meters.Labels[id], Meter.DetectionsOf, StringComparer.Ordinal),
            Meter.NonFinite);
    }
}
