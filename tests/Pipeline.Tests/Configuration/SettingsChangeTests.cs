using Pipeline.Host.Configuration;

namespace Pipeline.Tests.Configuration;

public sealed class SettingsChangeTests
{
    private static readonly SourceSettings Gate = new() { Name = "gate", Uri = "rtsp://gate/live" };
    private static readonly SourceSettings Yard = new() { Name = "yard", Uri = "rtsp://yard/live" };
    private static readonly PipelineSettings Running = new() { Sources = [Gate, Yard] };

    [Fact]
    public void Between_TheSameReadAgain_ChangesNothing()
    {
        var change = SettingsChange.Between(Running, Running with { Sources = [Gate with { }, Yard with { Detection = new() }], Detection = new() });

        Assert.False(change.ChangesRun);
        Assert.Empty(change.NeedRestart);
        Assert.Equal("nothing", change.Summary);
    }

    [Fact]
    public void Between_SourcesComeGoAndChange_NamesEachOnce()
    {
        SourceSettings roof = new() { Name = "roof", Uri = "0" };

        var change = SettingsChange.Between(Running, Running with { Sources = [roof, Yard with { Uri = "rtsp://yard/low" }] });

        Assert.Equal(["gate"], change.Removed);
        Assert.Equal(["roof"], change.Added);
        Assert.Equal(["yard"], change.Reopened);
        Assert.Equal("added roof, removed gate, opened anew yard", change.Summary);
    }

    [Fact]
    public void Between_OtherOrder_ChangesNothingButTheOrder()
    {
        var change = SettingsChange.Between(Running, Running with { Sources = [Yard, Gate] });

        Assert.False(change.ChangesRun);
        Assert.Equal([Yard, Gate], change.Result.Sources);
    }

    [Fact]
    public void Between_ThresholdsAndDrawing_ReopensNothing()
    {
        PipelineSettings wanted = Running with
        {
            Detection = new DetectionSettings { Score = 0.7f, Classes = ["person"] },
            Sources =
            [
                Gate with { Detection = new SourceDetectionSettings { Iou = 0.3f, Classes = [] } },
                Yard with { Drawing = new SourceDrawingSettings { Clock = true } },
            ],
            Drawing = new DrawingSettings { FrameRate = true },
        };

        var change = SettingsChange.Between(Running, wanted);

        Assert.Equal(
            ["Detection:Classes", "Detection:Score", "Drawing:FrameRate", "gate:Detection:Classes", "gate:Detection:Iou", "yard:Drawing:Clock"],
            change.AtOnce);
        Assert.Empty(change.Reopened);
        Assert.Empty(change.NeedRestart);
    }

    [Theory]
    [InlineData("{source}.mp4", null, null)]
    [InlineData(null, "{source}.jsonl", null)]
    [InlineData(null, null, "recordings")]
    public void Between_WhatSourcesWrite_ReopensThemAll(string? record, string? jsonLines, string? folder)
    {
        var change = SettingsChange.Between(Running, Running with
        {
            Output = new OutputSettings { Record = record, JsonLines = jsonLines },
            Recording = new RecordingSettings { Folder = folder },
        });

        Assert.Equal(["gate", "yard"], change.Reopened);
        Assert.True(change.Outputs);
        Assert.Empty(change.NeedRestart);
    }

    [Fact]
    public void Between_RecordingOfOneSource_ReopensIt()
    {
        SourceSettings unrecorded = Gate with { Recording = new SourceRecordingSettings { Enabled = false } };

        var change = SettingsChange.Between(Running, Running with { Sources = [unrecorded, Yard with { Recording = new() }] });

        Assert.Equal(["gate"], change.Reopened);
        Assert.False(change.Outputs);
    }

    [Fact]
    public void Between_WhatOnlyARestartChanges_IsNamedAndLeftAsItIs()
    {
        PipelineSettings wanted = Running with
        {
            Model = new ModelSettings { Name = "ssd300" },
            Inference = new InferenceSettings { Threads = 3 },
            Reading = new ReadingSettings { Loop = true },
            Output = new OutputSettings { JsonLines = "all.jsonl", Report = "report.json" },
            Http = new HttpSettings { Token = "0123456789abcdef" },
            Detection = new DetectionSettings { Score = 0.6f },
        };

        var change = SettingsChange.Between(Running, wanted);

        Assert.Equal(
            ["Http:Token", "Inference:Threads", "Model:Name", "Output:JsonLines", "Output:Report", "Reading:Loop"], change.NeedRestart);
        Assert.Equal(["Detection:Score"], change.AtOnce);
        Assert.Empty(change.Reopened);
        Assert.Equal(Running with { Detection = wanted.Detection, Sources = wanted.Sources }, change.Result);
    }

    /// <summary>A new key of any kind is compared, and belongs somewhere.</summary>
    [Fact]
    public void Of_EverySetting_HasAKeyOfItsOwn()
    {
        string[] keys = [.. SettingsKeys.Of(new PipelineSettings()).Keys];

        Assert.Contains("Detection:Score", keys);
        Assert.Contains("Recording:SegmentLength", keys);
        Assert.Contains("Http:Url", keys);
        Assert.DoesNotContain("Sources", keys);
    }
}
