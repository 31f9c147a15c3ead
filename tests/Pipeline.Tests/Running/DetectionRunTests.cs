using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Capture;
using Pipeline.Host.Configuration;
using Pipeline.Host.Metering;
using Pipeline.Host.Reporting;
using Pipeline.Host.Running;
using Pipeline.Inference;
using Pipeline.Render;
using Pipeline.Testing;

namespace Pipeline.Tests.Running;

/// <summary>The whole pipeline in this process: real sources and sinks, and a model that does as the test says.</summary>
public sealed class DetectionRunTests : IDisposable
{
    private const int Sources = 8;
    private const int FramesPerSource = 1250;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 4)]
    [InlineData(false, 1)]
    [InlineData(false, 4)]
    public async Task RunAsync_TenThousandFramesAndFailingRuns_AccountsForEveryFrameInOrder(bool latest, int batch)
    {
        RunModel model = ScriptedModel.Create(run => ThrowIf(run % 97 == 0), batch: batch);
        PipelineSettings settings = Settings(Sources, $"test://64x48@1000?count={FramesPerSource}") with
        {
            Reading = new ReadingSettings { Latest = latest },
            Output = new OutputSettings { JsonLines = _folder["{source}.jsonl"] },
        };
        using DetectionRun run = await CreateAsync(settings, model);

        RunReport report = await run.RunAsync(CancellationToken.None);

        Assert.Equal(Sources, report.Sources.Count);
        foreach ((string name, SourceFigures figures) in report.Sources)
        {
            Assert.Equal(FramesPerSource, figures.Captured);
            Assert.True(latest || figures.Dropped.ContainsKey("inference"));
            Assert.True(!latest || figures.Captured - figures.Dropped.Values.Sum() == LinesOf(name).Count + figures.Dropped.GetValueOrDefault("sink"));
            AssertRising(LinesOf(name));
        }

        // On a busy machine live sources may be over before every one of them has met a failing run.
        Assert.Contains(report.Sources.Values, source => source.Dropped.ContainsKey("inference"));
        AssertAccounted(run);
        Assert.True(latest || report.Sources.Values.All(source => source.Dropped.Keys.All(reason => reason == "inference")));
    }

    [Fact]
    public async Task RunAsync_StartedAndStoppedTwoHundredTimes_NeverHangsOrLeaks()
    {
        var random = new Random(20261121);
        PipelineSettings settings = Settings(3, "test://64x48@500") with
        {
            Output = new OutputSettings { JsonLines = _folder["all.jsonl"] },
        };
        for (int round = 0; round < 200; round++)
        {
            using DetectionRun run = await CreateAsync(settings, ScriptedModel.Create(n => ThrowIf(n == 3)));
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.NextDouble() * 20));

            RunReport report = await run.RunAsync(stop.Token).WaitAsync(TimeSpan.FromSeconds(30));

            Assert.All(report.Sources.Values, source => Assert.Equal("ended", source.State));
            AssertAccounted(run);
        }
    }

    [Fact]
    public async Task RunAsync_FileStoppedInTheMiddle_LosesNothingThatWasCaptured()
    {
        using var stop = new CancellationTokenSource();
        PipelineSettings settings = Settings(1, Repository.SampleVideo) with
        {
            Output = new OutputSettings { JsonLines = _folder["{source}.jsonl"] },
        };
        using DetectionRun run = await CreateAsync(settings, ScriptedModel.Create(n => CancelIf(n == 40, stop)));

        RunReport report = await run.RunAsync(stop.Token);

        SourceFigures figures = report.Sources["vtest"];
        Assert.InRange(figures.Captured, 40, 80);
        Assert.Empty(figures.Dropped);
        Assert.Equal(Enumerable.Range(0, (int)figures.Captured).Select(n => (long)n), LinesOf("vtest"));
    }

    [Fact]
    public async Task RunAsync_DurationOver_EndsAndDrains()
    {
        PipelineSettings settings = Settings(1, "test://64x48@200") with
        {
            Reading = new ReadingSettings { Duration = TimeSpan.FromMilliseconds(100) },
        };
        using DetectionRun run = await CreateAsync(settings, ScriptedModel.Create());

        RunReport report = await run.RunAsync(CancellationToken.None);

        Assert.True(report.EndToEnd.Frames > 0);
        AssertAccounted(run);
    }

    [Fact]
    public async Task RunAsync_SourceThatDeliveredIsOpenedAnewBeforeTheGivingUp_GoesOn()
    {
        var clock = new ManualTimeProvider();
        using var stop = new CancellationTokenSource();
        using DetectionRun run = await DetectionRun.CreateAsync(
            Settings(1, "test://64x48@500"), ScriptedModel.Create(), NullLoggerFactory.Instance, clock, CancellationToken.None);
        Task<RunReport> running = run.RunAsync(stop.Token);
        await ControlledRun.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            return run.Meters.EndToEnd.Count > 0;
        });

        // Opened anew while it is paused, it gives nothing until the time is over.
        await clock.AdvanceUntilAsync(run.Control.PauseSourceAsync("test"), TimeSpan.FromMilliseconds(1));
        await clock.AdvanceUntilAsync(
            run.Control.ChangeSourceAsync("test", source => source with { Uri = "test://96x32@500" }), TimeSpan.FromMilliseconds(1));
        await ControlledRun.UntilAsync(() => run.Control.Sources.Single().State == SourceState.Paused);
        clock.Advance(TimeSpan.FromSeconds(60));

        await run.Control.ResumeSourceAsync("test");
        await ControlledRun.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            return run.Control.Sources.Single().Width == 96;
        });
        await stop.CancelAsync();
        await clock.AdvanceUntilAsync(running, TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task RunAsync_ModelGivesNaN_CountsItAndDetectsNothing()
    {
        PipelineSettings settings = Settings(1, "test://64x48@500?count=5") with { Reading = new ReadingSettings { Latest = false } };
        using DetectionRun run = await CreateAsync(settings, ScriptedModel.Create(score: float.NaN));

        RunReport report = await run.RunAsync(CancellationToken.None);

        Assert.Equal(5, report.EndToEnd.Frames);
        Assert.Equal(5, report.Sources["test"].NonFinite);
        Assert.Empty(report.Sources["test"].Detections);
    }

    [Fact]
    public async Task RunAsync_RunsKeepFailing_EndsWithTheFaultAfterClosingTheOutputs()
    {
        PipelineSettings settings = Settings(1, "test://64x48@500") with
        {
            Output = new OutputSettings { JsonLines = _folder["{source}.jsonl"] },
        };
        using DetectionRun run = await CreateAsync(settings, ScriptedModel.Create(n => throw new ModelRunException("the device is gone") { IsDeviceLost = true }));

        var fault = await Assert.ThrowsAsync<ModelRunException>(() => run.RunAsync(CancellationToken.None));

        Assert.Contains("the device is gone", fault.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(ScriptedModel), fault.StackTrace, StringComparison.Ordinal);
        Assert.Empty(LinesOf("test"));
        AssertAccounted(run);
    }

    [Fact]
    public async Task RunAsync_DrawingFailsOnAFrame_LosesThatOneAndEndsWithTheFault()
    {
        PipelineSettings settings = Settings(2, "test://64x48@500?count=50") with
        {
            Reading = new ReadingSettings { Latest = false },
            Output = new OutputSettings { JsonLines = _folder["{source}.jsonl"] },
        };
        using var faulty = new FaultySink();
        using DetectionRun run = await DetectionRun.CreateAsync(
            settings, ScriptedModel.Create(), NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None, faulty);

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => run.RunAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30)));

        Assert.Equal("a bug of drawing", fault.Message);
        Assert.Equal(1, run.Meters.Sources.Sum(source => source.DroppedFor(Host.Metering.DropReason.Render)));
        Assert.Equal(99, LinesOf("test").Count + LinesOf("test-2").Count);
        AssertAccounted(run);
    }

    [Fact]
    public async Task RunAsync_OneSourceOfTwoUnreadable_TheOtherGoesOn()
    {
        PipelineSettings settings = Settings(1, "test://64x48@500?count=5", _folder["missing.mp4"]) with
        {
            Reading = new ReadingSettings { Latest = false },
        };
        using DetectionRun run = await CreateAsync(settings, ScriptedModel.Create());

        RunReport report = await run.RunAsync(CancellationToken.None);

        Assert.Equal("failed", report.Sources["missing"].State);
        Assert.Contains("There is no file", report.Sources["missing"].Failure, StringComparison.Ordinal);
        Assert.Equal(5, report.Sources["test"].Frames);
    }

    [Fact]
    public async Task RunAsync_SinkFails_LosesItsFramesOnlyAndSaysSo()
    {
        PipelineSettings settings = Settings(1, "test://64x48@500?count=20") with
        {
            Reading = new ReadingSettings { Latest = false },
            Output = new OutputSettings { JsonLines = "/dev/full" },
        };
        using DetectionRun run = await CreateAsync(settings, ScriptedModel.Create());

        RunReport report = await run.RunAsync(CancellationToken.None);

        Assert.Equal(20, report.EndToEnd.Frames);
        Assert.Equal(20, report.Sources["test"].Dropped["sink"]);
        Assert.Contains("/dev/full", Assert.Single(run.SinkFailures).Message, StringComparison.Ordinal);
        AssertAccounted(run);
    }

    [Theory]
    [InlineData("vtest.avi", null, "would overwrite the source")]
    [InlineData("same.out", "same.out", "would overwrite what --record writes")]
    public async Task CreateAsync_OutputsClash_IsRefused(string record, string? jsonLines, string reason)
    {
        File.Copy(Repository.SampleVideo, _folder["vtest.avi"]);
        PipelineSettings settings = Settings(1, _folder["vtest.avi"]) with
        {
            Output = new OutputSettings { Record = _folder[record], JsonLines = jsonLines is null ? null : _folder[jsonLines] },
        };

        var error = await Assert.ThrowsAsync<Host.UsageException>(() => CreateAsync(settings, ScriptedModel.Create()));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.True(new FileInfo(_folder["vtest.avi"]).Length > 1_000_000);
    }

    private static PipelineSettings Settings(int copies, params string[] addresses) => new()
    {
        Sources = [.. Enumerable.Repeat(addresses, copies).SelectMany(uris => uris).Select(uri => new SourceSettings { Uri = uri })],
    };

    private static Task<DetectionRun> CreateAsync(PipelineSettings settings, RunModel model) =>
        DetectionRun.CreateAsync(settings, model, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);

    /// <summary>Every captured frame was rendered or dropped for a reason, and every lease is back.</summary>
    private static void AssertAccounted(DetectionRun run)
    {
        Assert.Equal(0, run.FramesLeased);
        foreach ((SourceMeter meter, long captured) in run.CapturedBySource)
        {
            Assert.Equal(captured, meter.FramesThrough(Stage.Render) + meter.Dropped);
        }
    }

    private static void AssertRising(IReadOnlyList<long> numbers) =>
        Assert.All(numbers.Zip(numbers.Skip(1)), pair => Assert.True(pair.First < pair.Second));

    private static void ThrowIf(bool condition)
    {
        if (condition)
        {
            throw new ModelRunException("scripted failure");
        }
    }

    private static void CancelIf(bool condition, CancellationTokenSource source)
    {
        if (condition)
        {
            source.Cancel();
        }
    }

    private List<long> LinesOf(string source) =>
        [.. File.ReadLines(_folder[$"{source}.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("frame").GetInt64())];

    /// <summary>Fails where no sink may: on the thread that draws.</summary>
    private sealed class FaultySink : ISink
    {
        private int _asked;

        public string Name => "faulty";

        public bool NeedsPixels => Interlocked.Increment(ref _asked) != 20 ? false : throw new InvalidOperationException("a bug of drawing");

        public void Write(FrameResult result)
        {
        }

        public void Complete()
        {
        }

        public void Dispose()
        {
        }
    }
}
