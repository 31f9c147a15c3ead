using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Host.Configuration;
using Pipeline.Host.Metering;
using Pipeline.Host.Reporting;
using Pipeline.Host.Running;
using Pipeline.Render;
using Pipeline.Testing;

namespace Pipeline.Tests.Running;

/// <summary>Sinks that take their time at the end of a run, on a clock of the tests'.</summary>
public sealed class SinkDrainTests : IDisposable
{
    private const int Frames = 10;

    private readonly ManualTimeProvider _clock = new();
    private readonly StepwiseSink _sink = new();

    public void Dispose() => _sink.Dispose();

    [Fact]
    public async Task RunAsync_SinkThatIsSlow_WritesEverythingHoweverLongItTakes()
    {
        using DetectionRun run = await CreateAsync();
        Task<RunReport> running = run.RunAsync(CancellationToken.None);
        await ControlledRun.UntilAsync(() => run.Meters.EndToEnd.Count == Frames);
        for (int written = 1; written <= Frames; written++)
        {
            _sink.WriteOne();
            int wanted = written;
            await ControlledRun.UntilAsync(() => _sink.Written == wanted);
            _clock.Advance(SinkDrain.Limit - TimeSpan.FromSeconds(1));
        }

        await running;
        Assert.Equal(Frames, _sink.Written);
        Assert.Empty(run.SinkFailures);
    }

    [Fact]
    public async Task RunAsync_SinkThatHangs_IsGivenUpAndCountsAsFailed()
    {
        using DetectionRun run = await CreateAsync();
        Task<RunReport> running = run.RunAsync(CancellationToken.None);
        await ControlledRun.UntilAsync(() => run.Meters.EndToEnd.Count == Frames);

        await _clock.AdvanceUntilAsync(running, TimeSpan.FromSeconds(1));

        Assert.Contains("has not taken a frame for 20 s", Assert.Single(run.SinkFailures).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddSourceAsync_SharedSinkStillHasFramesOfOneThatWasRemoved_LosesNone()
    {
        const int captured = 16;
        var settings = new PipelineSettings
        {
            Sources = [ControlledRun.Source("gate")],
            Reading = new ReadingSettings { KeepRunning = true, Latest = false },
        };
        using var stop = new CancellationTokenSource();
        using DetectionRun run = await DetectionRun.CreateAsync(
            settings, ScriptedModel.Create(), NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None, _sink);
        Task<RunReport> running = run.RunAsync(stop.Token);
        await ControlledRun.UntilAsync(() => run.Meters["gate"].FramesThrough(Stage.Render) >= captured);
        await run.Control.RemoveSourceAsync("gate");

        // The sink stands at its first frame all the time.
        await run.Control.AddSourceAsync(ControlledRun.Source("yard"));
        await ControlledRun.UntilAsync(() => run.Meters["yard"].FramesThrough(Stage.Render) >= captured);
        await stop.CancelAsync();
        _sink.Write(1000);
        RunReport report = await running;

        Assert.All(report.Sources.Values, source => Assert.Empty(source.Dropped));
        Assert.Equal(report.EndToEnd.Frames, _sink.Written);
    }

    private Task<DetectionRun> CreateAsync()
    {
        var settings = new PipelineSettings
        {
            Sources = [new SourceSettings { Uri = Repository.SampleVideo }],
            Reading = new ReadingSettings { Frames = Frames },
        };
        return DetectionRun.CreateAsync(
            settings, ScriptedModel.Create(), NullLoggerFactory.Instance, _clock, CancellationToken.None, _sink);
    }

    /// <summary>Writes a frame each time that it is told to.</summary>
    private sealed class StepwiseSink : ISink
    {
        private readonly SemaphoreSlim _steps = new(0);
        private int _written;

        public string Name => "stepwise";

        public bool NeedsPixels => false;

        public int Written => Volatile.Read(ref _written);

        public void WriteOne() => Write(1);

        public void Write(int frames) => _steps.Release(frames);

        public void Write(FrameResult result)
        {
            _steps.Wait();
            Interlocked.Increment(ref _written);
        }

        public void Complete()
        {
        }

        public void Dispose()
        {
            // Lets a thread that was left behind go.
            _steps.Release(Frames);
        }
    }
}
