using Pipeline.Capture;
using Pipeline.Host.Metering;
using Pipeline.PostProcess;
using Pipeline.Testing;

namespace Pipeline.Tests.Metering;

public sealed class PrometheusTextTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Write_AfterSomeFrames_HasEveryMetricOfTheDesign()
    {
        using var meters = new PipelineMeters(["gate", "yard"], LabelMap.FromList(1, ["person"]), _time);
        meters.Record(Stage.Render, meters.Sources[0], TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(3));
        meters.Drop(Stage.Capture, meters.Sources[1], DropReason.Newer);
        meters.RecordResult(meters.Sources[0], TimeSpan.Zero, [new Detection(1, 0.9f, default, 0)], nonFinite: 0);
        meters.QueueDepths = () => [("gate", Stage.Preprocess, 1)];
        meters.FramesLeased = () => 5;
        meters.Sources[0].Enter(SourceState.Live);
        meters.Sources[0].Reconnect();
        meters.Sources[1].Enter(SourceState.BackingOff);

        Dictionary<string, double> samples = PrometheusPage.Parse(PrometheusText.Write(meters)).Samples;

        Assert.Equal(1, samples["""pipeline_frames_total{source="gate",stage="render"}"""]);
        Assert.Equal(1, samples["""pipeline_frames_dropped_total{source="yard",reason="newer"}"""]);
        Assert.Equal(1, samples["""pipeline_detections_total{source="gate",label="person"}"""]);
        Assert.Equal(1, samples["""pipeline_queue_depth{source="gate",stage="preprocess"}"""]);
        Assert.Equal(1, samples["""pipeline_source_up{source="gate"}"""]);
        Assert.Equal(0, samples["""pipeline_source_up{source="yard"}"""]);
        Assert.Equal(1, samples["""pipeline_source_state{source="yard",state="backing-off"}"""]);
        Assert.Equal(1, samples["""pipeline_source_reconnects_total{source="gate"}"""]);
        Assert.Equal(5, samples["pipeline_frames_leased"]);
        Assert.Contains("""pipeline_stage_fps{stage="render"}""", samples.Keys);
        Assert.True(samples["process_resident_memory_bytes"] > 1e6);
        Assert.True(samples["process_open_fds"] > 2);
        Assert.True(samples["process_threads"] > 2);
    }

    [Fact]
    public void Write_StageTimes_GoIntoTheBucketsOfTheirLength()
    {
        using var meters = new PipelineMeters(["gate"], LabelMap.FromList(1, ["person"]), _time);
        foreach (double milliseconds in new[] { 0.05, 3, 7, 7, 9000 })
        {
            meters.Record(Stage.Render, meters.Sources[0], TimeSpan.FromMilliseconds(milliseconds), TimeSpan.Zero);
        }

        Dictionary<string, double> samples = PrometheusPage.Parse(PrometheusText.Write(meters)).Samples;

        Assert.Equal(1, Bucket("0.0001"));
        Assert.Equal(1, Bucket("0.0025"));
        Assert.Equal(2, Bucket("0.005"));
        Assert.Equal(4, Bucket("0.01"));
        Assert.Equal(4, Bucket("5"));
        Assert.Equal(5, Bucket("+Inf"));
        Assert.Equal(9.01705, samples["""pipeline_stage_seconds_sum{stage="render"}"""], 6);

        double Bucket(string bound) => samples[$$"""pipeline_stage_seconds_bucket{stage="render",le="{{bound}}"}"""];
    }

    [Fact]
    public void Write_NameWithQuotationMarksAndLineFeeds_EscapesThem()
    {
        using var meters = new PipelineMeters(["a\"b\\c\nd"], LabelMap.FromList(1, ["person"]), _time);

        string page = PrometheusText.Write(meters);

        Assert.Contains("""pipeline_source_up{source="a\"b\\c\nd"}""", PrometheusPage.Parse(page).Samples.Keys);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1234567, "1234567")]
    [InlineData(0.1, "0.1")]
    [InlineData(1e-7, "1E-07")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    public void Number_AnyValue_ReadsTheSameInEveryLanguage(double value, string text) => Assert.Equal(text, PrometheusText.Number(value));
}
