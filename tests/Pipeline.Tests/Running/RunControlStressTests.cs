using Pipeline.Capture;
using Pipeline.Host.Configuration;
using Pipeline.Host.Reporting;
using Pipeline.Host.Running;

namespace Pipeline.Tests.Running;

/// <summary>Sources that come and go at random, beside one that nobody touches.</summary>
public sealed class RunControlStressTests
{
    private const int Operations = 200;

    [Theory]
    [InlineData(1)]
    [InlineData(20261121)]
    public async Task Operations_AtRandom_EndDrainedAndAccountForEveryFrame(int seed)
    {
        var random = new Random(seed);
        var settings = new PipelineSettings { Sources = [ControlledRun.Source("steady")] };
        await using var run = new ControlledRun(settings, ScriptedModel.Create(batch: 4));
        var operations = new List<Task>();
        for (int i = 0; i < Operations; i++)
        {
            // Some wait for each other, and some come while others are being made.
            operations.Add(Change(run.Control, $"source-{random.Next(5)}", random));
            if (random.Next(4) == 0)
            {
                await Task.WhenAll(operations);
                await run.ResultsAsync("steady", 1);
            }
        }

        await Task.WhenAll(operations);
        Assert.Equal(run.Control.Settings.Sources.Select(source => source.Name), run.Control.Sources.Select(source => source.Name));
        Assert.Contains(run.Control.Sources, source => source is { Name: "steady", State: SourceState.Live });

        // Nothing captured is lost but by a model's failure, and there was none; the one that nobody touched has no gap.
        RunReport report = await run.StopAsync();
        Assert.All(report.Sources.Values, source => Assert.Equal(source.Captured, source.Frames));
        Assert.Equal(0, run.Meters.Dropped);
        Assert.Equal(report.EndToEnd.Frames, run.Meters.Sources.Sum(source => source.Latency.Count));
        List<long> steady = run.FramesIn("steady");
        Assert.Equal(report.Sources["steady"].Frames, steady.Count);
        Assert.Equal(Enumerable.Range(0, steady.Count).Select(number => (long)number), steady);
    }

    private static async Task Change(RunControl control, string name, Random random)
    {
        Task operation = random.Next(6) switch
        {
            0 or 1 => control.AddSourceAsync(ControlledRun.Source(name)),
            2 => control.RemoveSourceAsync(name),
            3 => control.PauseSourceAsync(name),
            4 => control.ResumeSourceAsync(name),
            _ => control.ChangeSourceAsync(name, _ => Other(name, random)),
        };
        try
        {
            await operation;
        }
        catch (ControlException e) when (e.Fault is ControlFault.NoSuchSource or ControlFault.NameTaken)
        {
            // Chance asked for what can't be.
        }
    }

    private static SourceSettings Other(string name, Random random) => random.Next(2) == 0
        ? ControlledRun.Source(name) with { Detection = new SourceDetectionSettings { Score = random.NextSingle() } }
        : ControlledRun.Source(name, $"{64 + random.Next(4)}x48");
}
