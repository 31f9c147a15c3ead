using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Testing;
using Xunit.Abstractions;

namespace Pipeline.Capture.Tests.Streams;

/// <summary>
/// What a camera costs, in processor time of this process. Endurance tests: they take their time, and nothing else may run in
/// the process meanwhile. docs/performance.md has figures.
/// </summary>
[Collection(nameof(ReconnectLeakTests))]
public sealed partial class CameraCostTests(ITestOutputHelper output)
{
    private const int FramesPerSecond = 25;

    /// <summary>Of one core, beyond FFmpeg's decoding.</summary>
    private const double ReadingBudget = 0.10;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    [EnduranceFact]
    public async Task Camera_At25FramesASecond_CostsATenthOfACoreBeyondDecodingAtMost()
    {
        using RtspCamera camera = await RtspCamera.StartAsync("--fps", $"{FramesPerSecond}");
        await using StreamRun run = await StreamRun.StartLiveAsync(camera.Address);

        double reading = await ShareOfACoreAsync();
        double decoding = await DecodingAsync(camera.Address);

        output.WriteLine($"reading {reading:P1} of a core, of which decoding alone is {decoding:P1}; {run.Recorder.Frames} frames");
        Assert.InRange(reading - decoding, -1, ReadingBudget);
    }

    [EnduranceFact]
    public async Task Camera_ThatIsAway_CostsNextToNothing()
    {
        double idle = await ShareOfACoreAsync();
        await using StreamRun run = StreamRun.Start($"rtsp://127.0.0.1:{RtspCamera.FreePort()}/cam", new SourceLimits());

        double away = await ShareOfACoreAsync();

        output.WriteLine($"away {away:P2} of a core, nothing at all {idle:P2}");
        Assert.InRange(away - idle, -1, 0.01);
    }

    [EnduranceFact]
    public async Task Camera_Live_GivesItsFirstFrameWithinTwoSeconds()
    {
        using RtspCamera camera = await RtspCamera.StartAsync("--fps", $"{FramesPerSecond}");
        var times = new List<double>();
        for (int i = 0; i < 9; i++)
        {
            var watch = Stopwatch.StartNew();
            await using StreamRun run = StreamRun.Start(camera.Address);
            await run.Recorder.WaitForFramesAsync(1);
            times.Add(watch.Elapsed.TotalSeconds);
        }

        times.Sort();
        output.WriteLine($"first frame after {times[4]:F2} s (median of nine), {times[8]:F2} s at worst");
        Assert.InRange(times[4], 0, 2);
    }

    /// <summary>Processor time of this process over a while, as a share of that while.</summary>
    private static async Task<double> ShareOfACoreAsync()
    {
        var watch = Stopwatch.StartNew();
        TimeSpan before = Environment.CpuUsage.TotalTime;
        await Task.Delay(Duration);
        return (Environment.CpuUsage.TotalTime - before) / watch.Elapsed;
    }

    /// <summary>The same of ffmpeg, which decodes the camera's pictures and throws them away.</summary>
    private static async Task<double> DecodingAsync(string address)
    {
        string seconds = Duration.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        CommandResult result = await Command.RunAsync(
            "ffmpeg", ["-threads", "2", "-rtsp_transport", "tcp", "-benchmark", "-i", address, "-t", seconds, "-f", "null", "-"]);
        Match times = TimesPattern().Match(result.Error);
        Assert.True(times.Success, result.Error);
        return (Seconds(times, "user") + Seconds(times, "system")) / Seconds(times, "real");
    }

    private static double Seconds(Match times, string name) => double.Parse(times.Groups[name].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"bench: utime=(?<user>[\d.]+)s stime=(?<system>[\d.]+)s rtime=(?<real>[\d.]+)s",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex TimesPattern();
}
