using System.Diagnostics;
using OpenCvSharp;
using Pipeline.Testing;

namespace Pipeline.Render.Tests.Encoding;

/// <summary>An encoder's process that dies, stalls or is only slow.</summary>
public sealed class FfmpegStallTests : EncoderTest
{
    private static readonly Size Tiny = new(16, 16);

    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Process_LivesInASessionOfItsOwn()
    {
        using FfmpegEncoder encoder = Start(Small);

        // More than a pipe holds: when this returns, ffmpeg runs and reads.
        WriteFrames(encoder, Seconds(0, 10));

        // PID (name) state parent group session …
        string[] stat = File.ReadAllText($"/proc/{encoder.ProcessId}/stat").Split(' ');
        Assert.Equal("(ffmpeg)", stat[1]);
        Assert.Equal($"{encoder.ProcessId}", stat[5]);
    }

    [Fact]
    public async Task Write_AfterFfmpegWasKilled_ThrowsAndHasGivenAllButTheLastMoment()
    {
        using FfmpegEncoder encoder = Start(Small);
        WriteFrames(encoder, Seconds(0, 50));
        SpinWait.SpinUntil(() => Collector.Fragments is [.., { } last] && last.End >= TimeSpan.FromSeconds(4.5));
        using (Process process = Process.GetProcessById(encoder.ProcessId))
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        var exception = Assert.Throws<OutputException>(() => WriteFrames(encoder, [5, 6, 7, 8]));

        Assert.Contains("ffmpeg failed", exception.Message, StringComparison.Ordinal);
        Assert.Throws<OutputException>(encoder.Complete);
        Collector.WriteTo(Folder["video.mp4"]);
        Assert.True((await VideoProbe.FrameTimesAsync(Folder["video.mp4"])).Length >= 45);
    }

    [Fact]
    public async Task Write_FfmpegThatIsStopped_IsEndedAndThrows()
    {
        using FfmpegEncoder encoder = Start(Small, time: _clock);
        WriteFrames(encoder, Seconds(0, 20));
        SpinWait.SpinUntil(() => encoder.Fragments > 0);
        await StopAsync(encoder);
        Task writing = Task.Run(() => WriteFrames(encoder, Seconds(2, 100)));

        var exception = await Assert.ThrowsAsync<OutputException>(() => _clock.AdvanceUntilAsync(writing, StallDetector.Interval));

        Assert.Contains("did nothing for 1.5 s", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_FfmpegThatIsStoppedWhileThePipeHoldsAllFrames_IsEndedAndThrows()
    {
        // Frames so small that writing them never blocks.
        using FfmpegEncoder encoder = Start(Tiny, time: _clock);
        WriteFrames(encoder, Seconds(0, 20), Tiny);
        SpinWait.SpinUntil(() => encoder.Fragments > 0);
        await StopAsync(encoder);
        WriteFrames(encoder, [2], Tiny);
        _clock.Advance(StallDetector.Idle + (2 * StallDetector.Interval));

        // Its end of the pipe is closed once all of it is gone.
        SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{encoder.ProcessId}"));

        var exception = Assert.Throws<OutputException>(() => WriteFrames(encoder, [2.1], Tiny));

        Assert.Contains("did nothing for 1.5 s", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_FfmpegThatWaitsForFrames_IsNotEnded()
    {
        using FfmpegEncoder encoder = Start(Small, time: _clock);
        WriteFrames(encoder, Seconds(0, 20));
        SpinWait.SpinUntil(() => encoder.Fragments > 0);
        WaitUntilAsleep(encoder);

        // A camera that is away for an hour.
        _clock.Advance(TimeSpan.FromHours(1));
        WriteFrames(encoder, Seconds(3600, 20));
        encoder.Complete();

        Assert.Equal(40, Collector.Fragments.Sum(fragment => fragment.Frames));
    }

    [Fact]
    public async Task Write_FfmpegThatGetsAheadALittleAgainAndAgain_LosesNothingHoweverLongItTakes()
    {
        using FfmpegEncoder encoder = Start(Small, time: _clock);
        Task writing = Task.Run(() => { WriteFrames(encoder, Seconds(0, 300)); encoder.Complete(); });
        while (!writing.IsCompleted)
        {
            long given = encoder.Fragments;
            SpinWait.SpinUntil(() => writing.IsCompleted || encoder.Fragments > given);
            await StopAsync(encoder);

            // The first look sees that it moved, the second what it has used so far; one more than these, and it would be ended.
            _clock.Advance(7 * StallDetector.Interval);
            await ContinueAsync(encoder);
        }

        await writing;
        Assert.Equal(300, Collector.Fragments.Sum(fragment => fragment.Frames));
    }

    [Fact]
    public async Task Write_SlowTakerOfFragments_IsNoFaultOfFfmpegs()
    {
        using var goOn = new ManualResetEventSlim();
        using var encoder = new FfmpegEncoder(
            new EncoderOptions(), Small, TimeSpan.Zero, 0, fragment => { goOn.Wait(); Collector.Take(fragment); }, _clock);

        // Far more than both pipes hold, so that the writing waits for the taker.
        Task writing = Task.Run(() => WriteNoise(encoder, 400));
        SpinWait.SpinUntil(() => encoder.Fragments > 0);
        WaitUntilAsleep(encoder);
        _clock.Advance(TimeSpan.FromHours(1));
        goOn.Set();
        await writing;
        encoder.Complete();

        Assert.Equal(400, Collector.Fragments.Sum(fragment => fragment.Frames));
    }

    [Fact]
    public async Task Complete_FfmpegThatIsStopped_IsEndedAndThrows()
    {
        using FfmpegEncoder encoder = Start(Tiny, time: _clock);
        await StopAsync(encoder);
        Task completing = Task.Run(encoder.Complete);

        var exception = await Assert.ThrowsAsync<OutputException>(() => _clock.AdvanceUntilAsync(completing, StallDetector.Interval));

        Assert.Contains("did nothing for 10 s", exception.Message, StringComparison.Ordinal);
        encoder.Complete();
    }

    /// <summary>Stops the encoder, and waits until it has stopped.</summary>
    private static async Task StopAsync(FfmpegEncoder encoder)
    {
        await Command.RunAsync("sh", ["-c", $"kill -STOP {encoder.ProcessId}"]);
        SpinWait.SpinUntil(() => ProcessActivity.Of(encoder.ProcessId) is not { IsHeldUp: true });
    }

    /// <summary>Waits until the encoder has nothing to do, or can't go on: it sleeps whenever it is looked at.</summary>
    private static void WaitUntilAsleep(FfmpegEncoder encoder)
    {
        int looks = 0;
        SpinWait.SpinUntil(() => (looks = ProcessActivity.Of(encoder.ProcessId) is { IsHeldUp: false } ? looks + 1 : 0) == 200);
    }

    private static Task<CommandResult> ContinueAsync(FfmpegEncoder encoder) => Command.RunAsync("sh", ["-c", $"kill -CONT {encoder.ProcessId}"]);

    private static void WriteNoise(FfmpegEncoder encoder, int count)
    {
        using var image = new Mat(Small, MatType.CV_8UC3);
        for (int i = 0; i < count; i++)
        {
            new Random(i).NextBytes(image.AsSpan<byte>());
            encoder.Write(image, TimeSpan.FromSeconds(i / 10.0), Noon, []);
        }
    }
}
