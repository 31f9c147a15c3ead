using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Capture;
using Pipeline.Host.Configuration;
using Pipeline.Host.Health;
using Pipeline.Host.Running;
using Pipeline.Tests.Running;

namespace Pipeline.Tests.Health;

public sealed class RunHealthTests
{
    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    public void IsReady_FramesFlowOrAllWereTried_IsTrue(bool framesFlow, bool allTried, bool ready)
    {
        RunHealth health = Health(framesFlow, [Source("gate", SourceState.BackingOff, tried: true), Source("yard", SourceState.Opening, allTried)]);

        Assert.Equal(ready, health.IsReady);
    }

    [Fact]
    public void IsReady_NoSources_IsTrue() => Assert.True(Health(framesFlow: false, []).IsReady);

    [Theory]
    [InlineData(0, true)]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public void IsProgressing_SomethingStandsStill_IsFalseBeyondTheLimit(int seconds, bool progressing)
    {
        RunHealth health = Health(
            framesFlow: true,
            [Source("gate", SourceState.Live, tried: true)],
            new StageHealth("inference", Source: null, 0, TimeSpan.FromSeconds(1)),
            new StageHealth("render", "gate", 2, TimeSpan.FromSeconds(seconds)));

        Assert.Equal(progressing, health.IsProgressing);
    }

    [Fact]
    public void IsProgressing_DeadCameraAndNothingQueued_IsTrue()
    {
        RunHealth health = Health(
            framesFlow: true, [Source("gate", SourceState.Failed, tried: true)], new StageHealth("inference", Source: null, 0, TimeSpan.Zero));

        Assert.True(health is { IsProgressing: true, IsReady: true, IsWell: true });
    }

    [Fact]
    public async Task Health_DuringARunOfTheModel_ShowsTheBatchInTheSession()
    {
        RunHealth? during = null;
        DetectionRun? run = null;
        RunModel model = ScriptedModel.Create(_ => during = run!.Health);
        run = await DetectionRun.CreateAsync(
            Settings("test://64x48@500?count=5"), model, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
        using (run)
        {
            await run.RunAsync(CancellationToken.None);

            Assert.True(Stage(during!, "inference").Standstill > TimeSpan.Zero);
            Assert.Equal(TimeSpan.Zero, Stage(during!, "postprocess").Standstill);
            Assert.All(run.Health.Stages, stage => Assert.Equal((0, TimeSpan.Zero), (stage.Waiting, stage.Standstill)));
            Assert.Equal(new SourceHealth("test", SourceState.Ended, WasTried: true, Trouble: null), Assert.Single(run.Health.Sources));
        }
    }

    [Fact]
    public async Task Health_SinkFails_NamesItWithTheReason()
    {
        PipelineSettings settings = Settings("test://64x48@500?count=5") with { Output = new OutputSettings { JsonLines = "/dev/full" } };
        using DetectionRun run = await DetectionRun.CreateAsync(
            settings, ScriptedModel.Create(), NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);

        await run.RunAsync(CancellationToken.None);

        SinkHealth sink = Assert.Single(run.Health.Sinks);
        Assert.Equal(("JSON lines /dev/full", SinkState.Failed), (sink.Name, sink.State));
        Assert.Contains("No space left", sink.Failure, StringComparison.Ordinal);
        Assert.False(run.Health.IsWell);
        Assert.True(run.Health.IsProgressing);
    }

    private static StageHealth Stage(RunHealth health, string name) => Assert.Single(health.Stages, stage => stage.Stage == name);

    private static SourceHealth Source(string name, SourceState state, bool tried) => new(name, state, tried, Trouble: null);

    private static RunHealth Health(bool framesFlow, SourceHealth[] sources, params StageHealth[] stages) =>
        new() { FramesFlow = framesFlow, Stages = stages, Sources = sources, Sinks = [] };

    private static PipelineSettings Settings(string uri) => new() { Sources = [new SourceSettings { Uri = uri }] };
}
