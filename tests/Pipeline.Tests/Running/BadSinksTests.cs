using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Host.Configuration;
using Pipeline.Host.Health;
using Pipeline.Host.Reporting;
using Pipeline.Host.Running;
using Pipeline.Render;

namespace Pipeline.Tests.Running;

/// <summary>Sinks that sleep, throw and hang, beside a good one: what they lose, nobody else does.</summary>
public sealed class BadSinksTests
{
    private const int Frames = 600;

    [Fact]
    public async Task RunAsync_SinksThatSleepThrowAndHang_PipelineAndGoodSinkKeepTheirRate()
    {
        using var goOn = new ManualResetEventSlim();
        var good = new ScriptedSink("good", () => { });
        var sleeping = new ScriptedSink("sleeping", () => Thread.Sleep(500));
        var throwing = new ScriptedSink("throwing", () => throw new OutputException("It never works."));
        var hanging = new ScriptedSink("hanging", goOn.Wait);
        var settings = new PipelineSettings { Sources = [new SourceSettings { Uri = $"test://64x48@200?count={Frames}" }] };
        using DetectionRun run = await DetectionRun.CreateAsync(
            settings, ScriptedModel.Create(), NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None, good, sleeping, throwing, hanging);

        Task<RunReport> running = run.RunAsync(CancellationToken.None);
        while (good.Written < Frames / 3 && !running.IsCompleted && !run.CapturedBySource.All(source => source.Captured == Frames))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }

        SinkHealth[] health = [.. run.Health.Sinks];
        goOn.Set();
        RunReport report = await running;

        Assert.NotEqual(SinkState.Failed, health[0].State);
        Assert.NotEqual(SinkState.Failed, health[1].State);
        Assert.Equal(SinkState.Failed, health[2].State);
        Assert.NotEqual(SinkState.Well, health[3].State);
        Assert.Contains("It never works", health[2].Failure, StringComparison.Ordinal);
        Assert.InRange(good.Written, report.EndToEnd.Frames * 0.9, Frames);
        Assert.True(report.EndToEnd.Frames > 5 * sleeping.Written, $"{report.EndToEnd.Frames} frames, and {sleeping.Written} of the sleeping sink's.");
        Assert.Equal(0, run.FramesLeased);
    }

    private sealed class ScriptedSink(string name, Action onWrite) : ISink
    {
        private int _written;

        public string Name => name;

        public bool NeedsPixels => false;

        public int Written => Volatile.Read(ref _written);

        public void Write(FrameResult result)
        {
            onWrite();
            Interlocked.Increment(ref _written);
        }

        public void Complete()
        {
        }

        public void Dispose()
        {
        }
    }
}
