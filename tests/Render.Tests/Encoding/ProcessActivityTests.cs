using Pipeline.Testing;

namespace Pipeline.Render.Tests.Encoding;

public sealed class ProcessActivityTests
{
    [Fact]
    public void Of_ProcessWithOneRunningThread_IsHeldUp()
    {
        // Its first thread waits; this one runs.
        Assert.True(ProcessActivity.Of(Environment.ProcessId)!.Value.IsHeldUp);
    }

    [Fact]
    public void Of_ProcessThatWorks_UsesProcessorTime()
    {
        TimeSpan before = ProcessActivity.Of(Environment.ProcessId)!.Value.ProcessorTime;

        Assert.True(SpinWait.SpinUntil(
            () => ProcessActivity.Of(Environment.ProcessId)!.Value.ProcessorTime > before, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Of_ProcessThatSleepsOrIsStopped_IsNotHeldUp()
    {
        using Command sleeping = Command.Start("sleep", ["1000"]);
        SpinWait.SpinUntil(() => ProcessActivity.Of(sleeping.Id) is { IsHeldUp: false });

        using Command working = Command.Start("sh", ["-c", "while :; do :; done"]);
        Assert.True(SpinWait.SpinUntil(() => ProcessActivity.Of(working.Id) is { IsHeldUp: true }, TimeSpan.FromSeconds(30)));
        await Command.RunAsync("sh", ["-c", $"kill -STOP {working.Id}"]);
        SpinWait.SpinUntil(() => ProcessActivity.Of(working.Id) is { IsHeldUp: false });
    }

    [Fact]
    public async Task Of_ProcessThatHasEnded_IsNull()
    {
        using Command ended = Command.Start("true", []);
        await ended.WaitAsync();

        Assert.Null(ProcessActivity.Of(ended.Id));
    }
}
