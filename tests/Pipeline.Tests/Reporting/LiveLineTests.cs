using Pipeline.Host.Metering;
using Pipeline.Host.Reporting;
using Pipeline.PostProcess;
using Pipeline.Testing;

namespace Pipeline.Tests.Reporting;

public sealed class LiveLineTests
{
    [Fact]
    public void Draw_HalfOfAFile_ShowsFramesRatesDropsAndTimeLeft()
    {
        var time = new ManualTimeProvider();
        using PipelineMeters meters = MetersAfterTenFrames(time);

        Assert.Equal(
            "10/30 frames  5.0 fps  1 dropped  0:00:04 left  |  capture 5  inference 5",
            LiveLine.Draw(meters, expectedFrames: 30));
    }

    [Fact]
    public void Draw_EndlessSource_ShowsNoTimeLeft()
    {
        var time = new ManualTimeProvider();
        using PipelineMeters meters = MetersAfterTenFrames(time);

        Assert.Equal("10 frames  5.0 fps  1 dropped  |  capture 5  inference 5", LiveLine.Draw(meters, expectedFrames: null));
    }

    [Theory]
    [InlineData(5 * 3600 * 100 + 10, "100:00:00 left")]
    [InlineData(long.MaxValue, "512409557603043:07:44 left")]
    public void Draw_DaysAreLeft_CountsAllTheirHours(long frames, string left)
    {
        var time = new ManualTimeProvider();
        using PipelineMeters meters = MetersAfterTenFrames(time);

        Assert.Contains($"  {left}  |", LiveLine.Draw(meters, frames), StringComparison.Ordinal);
    }

    private static PipelineMeters MetersAfterTenFrames(ManualTimeProvider time)
    {
        var meters = new PipelineMeters(["gate"], LabelMap.FromList(1, ["thing"]), time);
        SourceMeter source = meters.Sources[0];
        for (int frame = 0; frame < 10; frame++)
        {
            time.Advance(TimeSpan.FromMilliseconds(200));
            meters.Record(Stage.Capture, source, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
            meters.RecordRun(1, TimeSpan.FromMilliseconds(10));
            meters.RecordResult(source, TimeSpan.FromMilliseconds(20), [], nonFinite: 0);
        }

        meters.Drop(Stage.Capture, source, DropReason.Newer);
        return meters;
    }
}
