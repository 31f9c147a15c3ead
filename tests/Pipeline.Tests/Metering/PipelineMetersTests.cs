using System.Diagnostics.Metrics;
using Pipeline.Capture;
using Pipeline.Host.Metering;
using Pipeline.PostProcess;
using Pipeline.Testing;
using DeviceTimes = Pipeline.Inference.DeviceTimes;

namespace Pipeline.Tests.Metering;

public sealed class PipelineMetersTests
{
    [Fact]
    public void Stages_DeviceMeasured_ShowItsPartsBehindTheRun()
    {
        using var meters = new PipelineMeters(["gate"], LabelMap.FromList(1, ["person"]), new ManualTimeProvider());
        string[] onTheCpu = [.. meters.Stages.Select(stage => stage.Name)];

        meters.RecordDeviceRun(4, new DeviceTimes(
            TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(8), TimeSpan.FromMilliseconds(2)));

        Assert.Equal(["capture", "preprocess", "inference", "postprocess", "render", "record"], onTheCpu);
        Assert.Equal(
            ["capture", "preprocess", "inference", "copy-in", "device", "copy-out", "postprocess", "render", "record"],
            meters.Stages.Select(stage => stage.Name));
        StageMeter device = meters.Stages[4];
        Assert.Equal((4, TimeSpan.FromMilliseconds(8)), (device.Frames, device.Busy));
    }

    [Fact]
    public void Instruments_AfterSomeFrames_SayWhatTheMetersSay()
    {
        var time = new ManualTimeProvider();
        using var meters = new PipelineMeters(["gate", "yard"], LabelMap.FromList(1, ["person", "car"]), time);
        var measured = new Dictionary<string, double>(StringComparer.Ordinal);
        using MeterListener listener = Listen(meters, measured);

        meters.Record(Stage.Capture, meters.Sources[0], TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(2));
        meters.Drop(Stage.Capture, meters.Sources[1], DropReason.Newer);
        meters.RecordResult(meters.Sources[0], TimeSpan.FromMilliseconds(20), [new Detection(2, 0.9f, default, 0)], nonFinite: 0);
        meters.Sources[1].Enter(SourceState.Stalled);
        meters.Sources[0].Enter(SourceState.Live);
        meters.Sources[0].Reconnect();
        meters.Sources[1].LeaveCall();
        listener.RecordObservableInstruments();

        Assert.Equal(1, measured["pipeline_frames_total source=gate stage=capture"]);
        Assert.Equal(0, measured["pipeline_frames_total source=yard stage=capture"]);
        Assert.Equal(1, measured["pipeline_frames_dropped_total source=yard reason=newer"]);
        Assert.Equal(1, measured["pipeline_detections_total source=gate label=car"]);
        Assert.Equal(1, measured["pipeline_source_up source=gate"]);
        Assert.Equal(0, measured["pipeline_source_up source=yard"]);
        Assert.Equal(1, measured["pipeline_source_state source=yard state=stalled"]);
        Assert.Equal(0, measured["pipeline_source_state source=yard state=live"]);
        Assert.Equal(1, measured["pipeline_source_reconnects_total source=gate"]);
        Assert.Equal(1, measured["pipeline_source_hung_calls source=yard"]);
        Assert.Equal(1, measured["pipeline_source_state_changes_total source=yard state=stalled"]);
        Assert.Equal(0.002, measured["pipeline_stage_seconds stage=capture"]);
    }

    [Fact]
    public void Open_SourceThatWasRemoved_CountsOnAndHasAStateAgain()
    {
        using var meters = new PipelineMeters([], LabelMap.FromList(1, ["person"]), TimeProvider.System);
        var measured = new Dictionary<string, double>(StringComparer.Ordinal);
        using MeterListener listener = Listen(meters, measured);
        SourceMeter gate = meters.Open("gate");
        meters.Drop(stage: null, gate, DropReason.Newer);
        meters.Retire(gate);
        listener.RecordObservableInstruments();
        Assert.False(measured.ContainsKey("pipeline_source_up source=gate"));
        Assert.Equal(1, measured["pipeline_frames_dropped_total source=gate reason=newer"]);

        Assert.Same(gate, meters.Open("gate"));
        meters.Drop(stage: null, gate, DropReason.Newer);
        listener.RecordObservableInstruments();

        Assert.Equal(0, measured["pipeline_source_up source=gate"]);
        Assert.Equal(2, measured["pipeline_frames_dropped_total source=gate reason=newer"]);
    }

    [Fact]
    public void Retire_ThousandNames_KeepsTheNewestAndTheTotals()
    {
        using var meters = new PipelineMeters(["gate"], LabelMap.FromList(1, ["person"]), TimeProvider.System);
        for (int i = 0; i < 1000; i++)
        {
            SourceMeter source = meters.Open($"source-{i}");
            meters.Drop(stage: null, source, DropReason.Pool);
            meters.Retire(source);
        }

        Assert.Equal(101, meters.Sources.Count);
        Assert.Equal(["gate", "source-900"], meters.Sources.Take(2).Select(source => source.Name));
        Assert.Equal(1000, meters.Dropped);
    }

    [Fact]
    public void RecordResult_ClassBeyondTheLabels_IsNotCountedAndDoesNoHarm()
    {
        using var meters = new PipelineMeters(["gate"], LabelMap.FromList(1, ["person"]), TimeProvider.System);

        meters.RecordResult(meters.Sources[0], TimeSpan.Zero, [new Detection(int.MaxValue, 1, default, 0), new Detection(-1, 1, default, 0)], 0);

        Assert.Equal(0, meters.Sources[0].DetectionsOf(1));
        Assert.Equal(1, meters.EndToEnd.Count);
    }

    /// <summary>Notes each measurement of this test's meter under its name and tags.</summary>
    private static MeterListener Listen(PipelineMeters meters, Dictionary<string, double> measured)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (meters.Owns(instrument))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured[Key(instrument, tags)] = value);
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => measured[Key(instrument, tags)] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => measured[Key(instrument, tags)] = value);
        listener.Start();
        return listener;
    }

    private static string Key(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string key = instrument.Name;
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            key += $" {tag.Key}={tag.Value}";
        }

        return key;
    }
}
