using System.Text.Json;
using Pipeline.Capture;
using Pipeline.Host.Configuration;
using Pipeline.Host.Reporting;
using Pipeline.Testing;

namespace Pipeline.Tests.Running;

/// <summary>A source whose JSON lines go into a pipe that nobody reads until the test does: what that holds up, and what not.</summary>
public sealed class HangingSinkTests
{
    [Fact]
    public async Task RemoveSourceAsync_ItsSinkHangs_OtherChangesAreMadeMeanwhile()
    {
        await using var run = new ControlledRun(Settings("gate"));
        using UnreadPipe pipe = await HangAsync(run, "yard");

        Task removing = run.Control.RemoveSourceAsync("yard");
        await run.Control.AddSourceAsync(ControlledRun.Source("door"));
        await run.Control.ChangeDetectionAsync(now => now with { Score = 0.4f });
        await run.Control.ChangeSourceAsync("gate", source => source with { Uri = "test://96x32@500" });
        await run.Control.RemoveSourceAsync("door");
        await run.ResultsAsync("gate", 20);

        Assert.Equal(["gate"], run.Control.Sources.Select(source => source.Name));
        Assert.False(removing.IsCompleted);
        Task<List<long>> reading = pipe.ReadAsync();
        await removing;
        AssertNoGap(await reading);
        await run.StopAsync();
    }

    [Fact]
    public async Task AddSourceAsync_NameOfOneWhoseSinkStillHangs_HasItsOwnFilesAndNumbers()
    {
        await using var run = new ControlledRun(Settings("gate"));
        using UnreadPipe pipe = await HangAsync(run, "yard");

        Task removing = run.Control.RemoveSourceAsync("yard");
        await run.Control.AddSourceAsync(ControlledRun.Source("yard"));
        await run.ResultsAsync("yard", 20);
        Assert.False(removing.IsCompleted);
        Task<List<long>> reading = pipe.ReadAsync();
        await removing;
        await run.ResultsAsync("yard", 20);
        Assert.Equal(SourceState.Live, run["yard"].State);
        Assert.False(run.Meters["yard"].IsRetired);
        RunReport report = await run.StopAsync();

        List<long> old = await reading;
        List<long> young = run.FramesIn("yard-2");
        AssertNoGap(old);
        AssertNoGap(young);
        Assert.Equal(report.Sources["yard"].Frames, old.Count + young.Count);
    }

    [Fact]
    public async Task PauseSourceAsync_FileThatWaitsForItsSink_HoldsUpNobodyElse()
    {
        await using var run = new ControlledRun(Settings("gate"));
        using UnreadPipe pipe = await HangAsync(run, "film", Repository.SampleVideo);

        Task pausing = run.Control.PauseSourceAsync("film");
        await run.Control.PauseSourceAsync("gate");
        await run.Control.ResumeSourceAsync("gate");
        await run.ResultsAsync("gate", 20);

        Assert.False(pausing.IsCompleted);
        Task<List<long>> reading = pipe.ReadAsync();
        await pausing;
        await run.StopAsync();
        AssertNoGap(await reading);
    }

    [Fact]
    public async Task PauseSourceAsync_WhoAskedIsGone_WaitsNoLonger()
    {
        using var gone = new CancellationTokenSource();
        await using var run = new ControlledRun(Settings("gate"));
        using UnreadPipe pipe = await HangAsync(run, "film", Repository.SampleVideo);

        Task pausing = run.Control.PauseSourceAsync("film", gone.Token);
        await gone.CancelAsync();

        await ControlledRun.UntilAsync(() => pausing.IsCanceled);
        Task<List<long>> reading = pipe.ReadAsync();
        await run.StopAsync();
        AssertNoGap(await reading);
    }

    [Fact]
    public async Task ReloadAsync_OtherRetentionWhileASinkHangs_EveryOtherSourceGoesOnRecording()
    {
        using var folder = new TemporaryFolder();
        await using var run = new ControlledRun(Settings("gate") with { Recording = Recording(folder, keepFor: 1) });
        using UnreadPipe pipe = await HangAsync(run, "yard");

        Task reloading = run.Control.ReloadAsync(run.Control.Settings with { Recording = Recording(folder, keepFor: 2) });
        await run.Control.AddSourceAsync(ControlledRun.Source("door"));
        await run.ResultsAsync("gate", 200);
        await run.ResultsAsync("yard", 20);
        Assert.False(reloading.IsCompleted);
        Task<List<long>> reading = pipe.ReadAsync();
        await reloading;
        await run.StopAsync();

        AssertNoGap(await reading);
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*.partial", SearchOption.AllDirectories));
        Assert.Equal(2, Directory.EnumerateFiles(folder["gate"], "*.mp4").Count());
        Assert.Equal(2, Directory.EnumerateFiles(folder["yard"], "*.mp4").Count());
    }

    [Fact]
    public async Task RemoveSourceAsync_ItsSinkHangsForGood_IsLeftBehindAndCountedUntilItComesBack()
    {
        var clock = new ManualTimeProvider();
        await using var run = new ControlledRun(time: clock);
        using UnreadPipe pipe = await HangAsync(run, "film", Repository.SampleVideo, clock);

        Task removing = run.Control.RemoveSourceAsync("film");
        await ControlledRun.UntilAsync(() => run.Control.Sources.Count == 0);
        await clock.AdvanceUntilAsync(removing, TimeSpan.FromSeconds(1));
        Assert.Equal(1, run.Meters.SinksLeftBehind());
        Assert.Contains("has not taken a frame for 20 s", Assert.Single(run.Run.SinkFailures).Message, StringComparison.Ordinal);

        AssertNoGap(await pipe.ReadAsync());
        await ControlledRun.UntilAsync(() => run.Meters.SinksLeftBehind() == 0);
        Assert.Empty(run.Run.SinkFailures);
        await run.StopAsync();
    }

    private static PipelineSettings Settings(params string[] names) =>
        new() { Sources = [.. names.Select(name => ControlledRun.Source(name))] };

    private static RecordingSettings Recording(TemporaryFolder folder, int keepFor) =>
        new() { Folder = folder.Path, FreeMiB = 0, KeepFor = TimeSpan.FromDays(keepFor) };

    private static void AssertNoGap(List<long> frames) =>
        Assert.Equal(Enumerable.Range(0, frames.Count).Select(number => (long)number), frames);

    /// <summary>Adds a source whose sink hangs, and waits until it does.</summary>
    private static async Task<UnreadPipe> HangAsync(ControlledRun run, string name, string? uri = null, ManualTimeProvider? clock = null)
    {
        UnreadPipe pipe = await UnreadPipe.MakeAsync(run.PathOfLines(name));
        SourceSettings source = ControlledRun.Source(name);
        await run.Control.AddSourceAsync(source with { Uri = uri ?? source.Uri });
        await ControlledRun.UntilAsync(() =>
        {
            clock?.Advance(TimeSpan.FromMilliseconds(1));

            // Of its JSON lines: on a busy machine an encoder may take as long to begin.
            return run.Run.Health.Stages.Any(stage => stage.Source == name
                && stage.Stage == $"JSON lines {run.PathOfLines(name)}" && stage.Standstill > TimeSpan.FromSeconds(0.5));
        });
        return pipe;
    }

    /// <summary>A named pipe that somebody has open and does not read, so that it takes what fits and then blocks.</summary>
    private sealed class UnreadPipe : IDisposable
    {
        private readonly string _path;
        private readonly FileStream _end;

        private UnreadPipe(string path)
        {
            _path = path;

            // Open for both, opening waits for nobody.
            _end = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        }

        public static async Task<UnreadPipe> MakeAsync(string path)
        {
            await Command.RunAsync("mkfifo", [path]);
            return new UnreadPipe(path);
        }

        /// <summary>Reads it to its end, which is there when who writes it has closed it.</summary>
        /// <returns>The numbers of the frames.</returns>
        public async Task<List<long>> ReadAsync()
        {
            using Command reader = Command.Start("cat", [_path]);
            string first = (await reader.Output.ReadLineAsync())!;
            _end.Dispose();
            string rest = (await reader.WaitAsync()).Output;
            return [.. rest.Split('\n', StringSplitOptions.RemoveEmptyEntries).Prepend(first)
                .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("frame").GetInt64())];
        }

        public void Dispose() => _end.Dispose();
    }
}
