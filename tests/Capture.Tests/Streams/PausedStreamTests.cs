using System.Net.NetworkInformation;
using Pipeline.Testing;

namespace Pipeline.Capture.Tests.Streams;

/// <summary>A real camera that is paused: it has its connection for others meanwhile.</summary>
public sealed class PausedStreamTests
{
    [Fact]
    public async Task PauseAsync_RtspCamera_ClosesTheConnectionAndResumeOpensAnother()
    {
        using RtspCamera camera = await RtspCamera.StartAsync();
        await using StreamRun run = await StreamRun.StartLiveAsync(camera.Address);
        Assert.True(IsConnected(camera));

        await run.Reader.PauseAsync();
        long frames = run.Recorder.Frames;
        Assert.Equal(SourceState.Paused, run.Reader.State);
        Assert.False(IsConnected(camera));

        run.Reader.Resume();
        await run.Recorder.WaitForFramesAsync(5);

        Assert.True(IsConnected(camera));
        Assert.True(run.Recorder.Frames >= frames + 5);
        Assert.Equal((0, 0), (run.Reader.Reconnects, run.Reader.HungCalls));
    }

    [Fact]
    public async Task PauseAsync_CameraThatFellSilent_DoesNotWaitForIt()
    {
        using RtspCamera camera = await RtspCamera.StartAsync();
        await using StreamRun run = await StreamRun.StartLiveAsync(camera.Address, StreamRun.ShortLimits with { Read = TimeSpan.FromSeconds(20) });
        await camera.TellAsync("stall:0");
        await run.Recorder.WaitForAsync(SourceState.Stalled);

        // Well within the limit after which the silent connection itself would be given up.
        await run.Reader.PauseAsync().WaitAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(SourceState.Paused, run.Reader.State);

        await camera.TellAsync("normal");
        run.Reader.Resume();
        await run.Recorder.WaitForFramesAsync(5);
        Assert.Equal(SourceState.Live, run.Reader.State);
    }

    private static bool IsConnected(RtspCamera camera) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Any(connection => connection.RemoteEndPoint.Port == new Uri(camera.Address).Port && connection.State == TcpState.Established);
}
