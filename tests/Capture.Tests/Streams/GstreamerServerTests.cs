using Pipeline.Testing;

namespace Pipeline.Capture.Tests.Streams;

/// <summary>The reader with another server than the tests' own: GStreamer's.</summary>
public sealed class GstreamerServerTests
{
    [Theory]
    [InlineData(StreamTransport.Tcp)]
    [InlineData(StreamTransport.Udp)]
    public async Task Server_OverEitherTransport_Delivers(StreamTransport transport)
    {
        using GstreamerCamera camera = await GstreamerCamera.StartAsync();
        await using StreamRun run = StreamRun.Start(camera.Uri(), StreamRun.Camera with { Stream = new StreamOptions(transport) });

        await run.Recorder.WaitForFramesAsync(5);

        Assert.StartsWith("768x576 h264", run.Reader.Format, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("digest")]
    [InlineData("basic")]
    public async Task Server_WithPassword_LetsInWhoHasIt(string scheme)
    {
        using GstreamerCamera camera = await GstreamerCamera.StartAsync("--user", "admin", "--password", "op3n", "--auth", scheme);
        await using StreamRun right = await StreamRun.StartLiveAsync(camera.Uri("admin:op3n"));
        await using StreamRun wrong = StreamRun.Start(camera.Uri("admin:open"));

        await wrong.Recorder.WaitForAsync(SourceState.BackingOff);

        Assert.Contains("refuses the user name or the password", wrong.Recorder.Reasons, StringComparison.Ordinal);
        Assert.Equal(SourceState.Live, right.Reader.State);
    }

    [Theory]
    [InlineData("stall", "resume")]
    [InlineData("kick", "resume")]
    public async Task Server_LosesItsClients_IsFoundAgain(string fault, string cure)
    {
        using GstreamerCamera camera = await GstreamerCamera.StartAsync();
        await using StreamRun run = await StreamRun.StartLiveAsync(camera.Uri());

        Task<TimeSpan> lost = run.Recorder.WaitForAsync(SourceState.BackingOff);
        await camera.TellAsync(fault);
        await lost;
        await camera.TellAsync(cure);
        await run.Recorder.WaitForFramesAsync(5);

        Assert.Equal(SourceState.Live, run.Reader.State);
        Assert.True(run.Reader.Reconnects >= 1);
    }
}
