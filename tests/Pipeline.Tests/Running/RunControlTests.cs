using Pipeline.Capture;
using Pipeline.Host;
using Pipeline.Host.Configuration;
using Pipeline.Host.Reporting;
using Pipeline.Host.Running;
using Pipeline.Inference;
using Pipeline.Render;
using Pipeline.Testing;

namespace Pipeline.Tests.Running;

/// <summary>Changing a run while it runs: real lanes, made-up sources and a made-up model.</summary>
public sealed class RunControlTests
{
    [Fact]
    public async Task AddSourceAsync_WhileAnotherRuns_RunsBesideItAndCostsItNothing()
    {
        await using var run = new ControlledRun(Settings("gate"));
        await run.ResultsAsync("gate", 20);

        string name = await run.Control.AddSourceAsync(ControlledRun.Source("yard", "80x60"));
        await run.ResultsAsync("yard", 20);
        await run.ResultsAsync("gate", 20);
        SourceStatus yard = run["yard"];
        RunReport report = await run.StopAsync();

        Assert.Equal("yard", name);
        Assert.Equal((SourceState.Live, 80, 60, null), (yard.State, yard.Width, yard.Height, yard.Trouble));
        Assert.Equal(["gate", "yard"], report.Sources.Keys);
        AssertNoGap(run.FramesIn("gate"));
        AssertNoGap(run.FramesIn("yard"));
    }

    [Fact]
    public async Task RemoveSourceAsync_WhileAnotherRuns_FinishesItsFileAndCostsTheOtherNothing()
    {
        await using var run = new ControlledRun(Settings("gate", "yard"));
        await run.ResultsAsync("gate", 20);
        await run.ResultsAsync("yard", 20);

        await run.Control.RemoveSourceAsync("yard");
        List<long> frames = run.FramesIn("yard");
        Assert.Equal(["gate"], run.Control.Sources.Select(source => source.Name));
        Assert.Equal(["gate"], run.Control.Settings.Sources.Select(source => source.Name));
        Assert.Equal(run.Meters["yard"].Captured, frames.Count);
        AssertNoGap(frames);

        await run.ResultsAsync("gate", 20);
        RunReport report = await run.StopAsync();
        AssertNoGap(run.FramesIn("gate"));
        Assert.Equal(frames.Count, report.Sources["yard"].Frames);
    }

    [Fact]
    public async Task AddSourceAsync_NameThatWasThereBefore_CountsOnAndKeepsTheOldFile()
    {
        await using var run = new ControlledRun(Settings("gate"));
        await run.ResultsAsync("gate", 5);
        await run.Control.RemoveSourceAsync("gate");
        int first = run.FramesIn("gate").Count;

        await run.Control.AddSourceAsync(ControlledRun.Source("gate"));
        await run.ResultsAsync("gate", 5);
        RunReport report = await run.StopAsync();

        Assert.Equal(first, run.FramesIn("gate").Count);
        Assert.Equal(report.Sources["gate"].Frames, first + run.FramesIn("gate-2").Count);
        AssertNoGap(run.FramesIn("gate-2"));
    }

    [Fact]
    public async Task PauseSourceAsync_ThenResume_GoesOnWithTheNextFrameInTheSameFile()
    {
        await using var run = new ControlledRun(Settings("gate", "yard"));
        await run.ResultsAsync("gate", 10);

        await run.Control.PauseSourceAsync("gate");
        long captured = run["gate"].Captured;
        await run.ResultsAsync("yard", 20);
        Assert.Equal((SourceState.Paused, captured), (run["gate"].State, run["gate"].Captured));
        Assert.Equal(SourceState.Paused, run.Meters["gate"].State);

        await run.Control.ResumeSourceAsync("gate");
        await run.ResultsAsync("gate", 10);
        await run.StopAsync();

        Assert.True(run.FramesIn("gate").Count >= captured + 10);
        AssertNoGap(run.FramesIn("gate"));
        AssertNoGap(run.FramesIn("yard"));
        Assert.Equal(0, run.Meters["gate"].Reconnects);
    }

    [Fact]
    public async Task ChangeSourceAsync_OtherAddressAndName_BlinksAloneAndKeepsItsPlace()
    {
        await using var run = new ControlledRun(Settings("gate", "yard"));
        await run.ResultsAsync("gate", 10);
        await run.ResultsAsync("yard", 10);

        await run.Control.ChangeSourceAsync("gate", _ => ControlledRun.Source("entrance", "96x32"));
        await run.ResultsAsync("entrance", 10);
        SourceStatus[] sources = [.. run.Control.Sources];
        await run.StopAsync();

        Assert.Equal(["entrance", "yard"], sources.Select(source => source.Name));
        Assert.Equal((96, 32), (sources[0].Width, sources[0].Height));
        AssertNoGap(run.FramesIn("gate"));
        AssertNoGap(run.FramesIn("entrance"));
        AssertNoGap(run.FramesIn("yard"));
    }

    [Fact]
    public async Task ChangeSourceAsync_PausedSource_StaysPaused()
    {
        await using var run = new ControlledRun(Settings("gate"));
        await run.ResultsAsync("gate", 5);
        await run.Control.PauseSourceAsync("gate");

        await run.Control.ChangeSourceAsync("gate", _ => ControlledRun.Source("gate", "96x32"));
        await ControlledRun.UntilAsync(() => run["gate"].State == SourceState.Paused);
        await run.Control.ResumeSourceAsync("gate");
        await run.ResultsAsync("gate", 5);

        Assert.Equal(96, run["gate"].Width);
        await run.StopAsync();
    }

    [Theory]
    [InlineData("entrance")]
    [InlineData("Gate")]
    public async Task ChangeSourceAsync_PausedSourceGetsAnotherName_StaysPaused(string name)
    {
        await using var run = new ControlledRun(Settings("gate"));
        await run.ResultsAsync("gate", 5);
        await run.Control.PauseSourceAsync("gate");

        await run.Control.ChangeSourceAsync("gate", source => source with { Name = name });
        await ControlledRun.UntilAsync(() => run[name].State != SourceState.Opening);

        Assert.Equal(SourceState.Paused, run[name].State);
        await run.StopAsync();
    }

    [Fact]
    public async Task ChangeSourceAsync_OutputCantBeWritten_GoesOnAsItWas()
    {
        await using var run = new ControlledRun(Settings("gate"));
        await run.ResultsAsync("gate", 5);

        // Its JSON lines would be a file in a folder whose name a file has.
        PipelineSettings unwritable = run.Control.Settings with { Output = new OutputSettings { JsonLines = "/dev/null/{source}.jsonl" } };
        await Assert.ThrowsAsync<OutputException>(() => run.Control.ReloadAsync(unwritable));

        await run.ResultsAsync("gate", 5);
        Assert.Equal(["gate"], run.Control.Sources.Select(source => source.Name));
        await run.StopAsync();
        AssertNoGap(run.FramesIn("gate-2"));
    }

    [Fact]
    public async Task ChangeDetectionAsync_HigherScore_HoldsFromTheNextFrame()
    {
        await using var run = new ControlledRun(Settings("gate"));
        await run.ResultsAsync("gate", 20);

        await run.Control.ChangeDetectionAsync(_ => new DetectionSettings { Score = 0.95f });
        await run.ResultsAsync("gate", 20);
        await run.StopAsync();

        // Nothing blinked, and the thresholds changed once.
        AssertNoGap(run.FramesIn("gate"));
        List<int> found = run.DetectionsIn("gate");
        Assert.Equal((1, 0), (found[0], found[^1]));
        Assert.Equal(found.OrderDescending(), found);
        Assert.Equal(0.95f, run.Control.Settings.Detection.Score);
    }

    [Fact]
    public async Task ChangeDetectionAsync_AnyThresholds_GiveWhatAFreshRunGives()
    {
        var random = new Random(20261121);
        await using var changed = new ControlledRun(Settings("gate"), ScriptedModel.Create(boxes: 40));
        for (int i = 0; i < 5; i++)
        {
            var detection = new DetectionSettings { Score = random.NextSingle() * 0.9f, Iou = random.NextSingle() };
            var settings = new PipelineSettings { Sources = [ControlledRun.Source("gate", $"{64 + i}x48")], Detection = detection };
            await using var fresh = new ControlledRun(settings, ScriptedModel.Create(boxes: 40));
            await changed.Control.ChangeDetectionAsync(_ => detection);
            await changed.ResultsAsync("gate", 5);
            await fresh.ResultsAsync("gate", 5);
            await fresh.StopAsync();

            // The next round has a file of its own.
            await changed.Control.ChangeSourceAsync("gate", _ => ControlledRun.Source("gate", $"{65 + i}x48"));

            Assert.Equal(fresh.LastDetections("gate"), changed.LastDetections(i == 0 ? "gate" : $"gate-{i + 1}"));
        }

        await changed.StopAsync();
    }

    [Theory]
    [InlineData("_still.jpg")]
    [InlineData("a-name-that-a-camera's-maker-has-thought-up-for-people-who-have-all-the-time-in-the-world.mp4")]
    public async Task ChangeDetectionAsync_SourceNamedAfterAStrangeAddress_IsMadeAllTheSame(string file)
    {
        SourceSettings nameless = new() { Uri = $"/no/such/folder/{file}" };
        await using var run = new ControlledRun(new PipelineSettings { Sources = [nameless, nameless] });

        await run.Control.ChangeDetectionAsync(now => now with { Score = 0.8f });

        Assert.Equal(0.8f, run.Control.Settings.Detection.Score);
        Assert.Equal(2, run.Control.Sources.Select(source => source.Name).Distinct().Count());
        await run.StopAsync();
    }

    [Fact]
    public async Task ChangeDetectionAsync_ManyAtOnce_LosesNone()
    {
        await using var run = new ControlledRun(Settings("gate"));

        await Task.WhenAll(Enumerable.Range(0, 40).Select(
            n => run.Control.ChangeDetectionAsync(now => now with { Score = now.Score + 0.01f })));

        Assert.Equal(0.8f, run.Control.Settings.Detection.Score, 0.001f);
        await run.StopAsync();
    }

    [Fact]
    public async Task Detection_OfOneSource_DoesNotConcernTheOthers()
    {
        SourceSettings strict = ControlledRun.Source("strict") with { Detection = new SourceDetectionSettings { Score = 0.95f } };
        await using var run = new ControlledRun(new PipelineSettings { Sources = [ControlledRun.Source("plain"), strict] });
        await run.ResultsAsync("plain", 10);
        await run.ResultsAsync("strict", 10);

        // Without blinking: its file goes on.
        await run.Control.ChangeSourceAsync("strict", _ => strict with { Detection = null });
        await run.ResultsAsync("strict", 10);
        await run.StopAsync();

        Assert.All(run.DetectionsIn("plain"), found => Assert.Equal(1, found));
        List<int> strictly = run.DetectionsIn("strict");
        Assert.Equal((0, 1), (strictly[0], strictly[^1]));
        AssertNoGap(run.FramesIn("strict"));
    }

    [Fact]
    public async Task Recording_OfOneSourceSwitchedOff_RecordsTheOthers()
    {
        using var folder = new TemporaryFolder();
        SourceSettings secret = ControlledRun.Source("secret") with { Recording = new SourceRecordingSettings { Enabled = false } };
        await using var run = new ControlledRun(new PipelineSettings
        {
            Sources = [ControlledRun.Source("gate"), secret],
            Output = new OutputSettings { Record = folder["{source}.mp4"] },
        });
        await run.ResultsAsync("gate", 10);
        await run.ResultsAsync("secret", 10);
        await run.Control.RemoveSourceAsync("gate");

        // Complete while the run goes on.
        Assert.Equal([folder["gate.mp4"]], Directory.EnumerateFiles(folder[""]).Where(file => new FileInfo(file).Length > 0));
        await run.StopAsync();
    }

    [Theory]
    [InlineData("test://64x48", null, "test://")]
    [InlineData("ftp://x/y", null, "ftp://, which is not known")]
    [InlineData("test://64x48@5", "../../etc/passwd", "Sources:1:Name is ../../etc/passwd, which is not allowed")]
    public async Task AddSourceAsync_BadSettings_ChangesNothing(string uri, string? name, string hint)
    {
        await using var run = new ControlledRun(Settings("gate"));

        var error = await Assert.ThrowsAsync<UsageException>(
            () => run.Control.AddSourceAsync(new SourceSettings { Uri = uri, Name = name }));

        Assert.Contains(hint, error.Message, StringComparison.Ordinal);
        Assert.Equal(["gate"], run.Control.Sources.Select(source => source.Name));
        await run.StopAsync();
    }

    [Fact]
    public async Task Operations_ThatCantBeDone_SayWhy()
    {
        await using var run = new ControlledRun(Settings("gate", "yard"));
        await run.Control.AddSourceAsync(new SourceSettings { Name = "short", Uri = "test://64x48@500?count=3" });
        await ControlledRun.UntilAsync(() => run["short"].State == SourceState.Ended);

        Assert.Equal(ControlFault.NoSuchSource, await FaultOf(run.Control.RemoveSourceAsync("gaet")));
        Assert.Equal(ControlFault.NameTaken, await FaultOf(run.Control.AddSourceAsync(ControlledRun.Source("Gate"))));
        Assert.Equal(ControlFault.NameTaken, await FaultOf(run.Control.ChangeSourceAsync("gate", _ => ControlledRun.Source("yard"))));
        Assert.Equal(ControlFault.SourceEnded, await FaultOf(run.Control.PauseSourceAsync("short")));
        await run.StopAsync();
        Assert.Equal(ControlFault.RunEnding, await FaultOf(run.Control.AddSourceAsync(ControlledRun.Source("late"))));
    }

    [Fact]
    public async Task Operations_AfterTheModelIsLost_SayThatTheRunIsEnding()
    {
        await using var run = new ControlledRun(
            Settings("gate"), ScriptedModel.Create(_ => throw new ModelRunException("the device is gone") { IsDeviceLost = true }));

        var fault = await Assert.ThrowsAsync<ModelRunException>(() => run.StoppedAsync());

        Assert.Contains("the device is gone", fault.Message, StringComparison.Ordinal);
        Assert.Equal(ControlFault.RunEnding, await FaultOf(run.Control.AddSourceAsync(ControlledRun.Source("late"))));
        Assert.Equal(0, run.Run.FramesLeased);
    }

    [Fact]
    public async Task ReloadAsync_RecordingSwitchedOnAndOff_LeavesCompleteSegments()
    {
        using var folder = new TemporaryFolder();
        await using var run = new ControlledRun(Settings("gate", "yard"));
        await run.ResultsAsync("gate", 5);
        Assert.Null(run.Run.Recordings);

        await run.Control.ReloadAsync(run.Control.Settings with { Recording = new RecordingSettings { Folder = folder.Path, FreeMiB = 0 } });
        await run.ResultsAsync("gate", 50);
        await run.ResultsAsync("yard", 50);
        Assert.Equal(folder.Path, run.Run.Recordings?.Folder);

        await run.Control.ReloadAsync(run.Control.Settings with { Recording = new RecordingSettings() });
        string[] segments = [.. Directory.EnumerateFiles(folder.Path, "*.mp4", SearchOption.AllDirectories)];
        await run.ResultsAsync("gate", 5);
        await run.StopAsync();

        Assert.Equal(["gate", "yard"], segments.Select(segment => Path.GetFileName(Path.GetDirectoryName(segment))).Distinct().Order());
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*.partial*", SearchOption.AllDirectories));
        Assert.Null(run.Run.Recordings);
    }

    [Fact]
    public async Task ReloadAsync_FolderOfRecordingsCantBeMade_GoesOnAsItWas()
    {
        using var folder = new TemporaryFolder();
        await using var run = new ControlledRun(
            Settings("gate") with { Recording = new RecordingSettings { Folder = folder.Path, FreeMiB = 0 } });
        await run.ResultsAsync("gate", 5);

        await Assert.ThrowsAsync<OutputException>(
            () => run.Control.ReloadAsync(run.Control.Settings with { Recording = new RecordingSettings { Folder = "/dev/null/recordings" } }));

        await run.ResultsAsync("gate", 5);
        Assert.Equal(folder.Path, run.Control.Settings.Recording.Folder);
        Assert.Equal(folder.Path, run.Run.Recordings?.Folder);
        await run.StopAsync();
        Assert.NotEmpty(Directory.EnumerateFiles(folder.Path, "*.mp4", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task ReloadAsync_OtherFolderOfRecordingsButLinesCantBeWritten_GoesOnAsItWas()
    {
        using var folder = new TemporaryFolder();
        RecordingSettings before = new() { Folder = folder["before"], FreeMiB = 0 };
        await using var run = new ControlledRun(Settings("gate") with { Recording = before });
        await run.ResultsAsync("gate", 50);

        PipelineSettings unwritable = run.Control.Settings with
        {
            Recording = before with { Folder = folder["after"] },
            Output = new OutputSettings { JsonLines = "/dev/null/{source}.jsonl" },
        };
        await Assert.ThrowsAsync<OutputException>(() => run.Control.ReloadAsync(unwritable));

        Assert.Equal(["gate"], run.Control.Sources.Select(source => source.Name));
        Assert.Equal(folder["before"], run.Run.Recordings?.Folder);
        await run.ResultsAsync("gate", 50);
        await run.Control.ReloadAsync(run.Control.Settings with { Recording = before with { Folder = folder["after"] } });
        await run.ResultsAsync("gate", 50);
        await run.StopAsync();
        Assert.Equal(2, Directory.EnumerateFiles(folder["before"], "*.mp4", SearchOption.AllDirectories).Count());
        Assert.Single(Directory.EnumerateFiles(folder["after"], "*.mp4", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task KeepRunning_NoSources_WaitsForThemAndForTheEnd()
    {
        await using var run = new ControlledRun();
        Assert.True(run.Run.Health.IsReady);

        await run.Control.AddSourceAsync(new SourceSettings { Uri = "test://64x48@500?count=20" });
        await ControlledRun.UntilAsync(() => run["test"].State == SourceState.Ended);
        await run.Control.RemoveSourceAsync("test");
        RunReport report = await run.StopAsync();

        Assert.Equal(20, report.EndToEnd.Frames);
    }

    private static PipelineSettings Settings(params string[] names) =>
        new() { Sources = [.. names.Select(name => ControlledRun.Source(name))] };

    private static void AssertNoGap(List<long> frames) =>
        Assert.Equal(Enumerable.Range(0, frames.Count).Select(number => (long)number), frames);

    private static async Task<ControlFault> FaultOf(Task operation) =>
        (await Assert.ThrowsAsync<ControlException>(() => operation)).Fault;
}
