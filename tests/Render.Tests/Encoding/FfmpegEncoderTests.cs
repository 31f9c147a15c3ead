using System.Diagnostics;
using OpenCvSharp;
using Pipeline.PostProcess;
using Pipeline.Testing;

namespace Pipeline.Render.Tests.Encoding;

public sealed class FfmpegEncoderTests : IDisposable
{
    private static readonly Size Small = new(160, 120);
    private static readonly Size Tiny = new(16, 16);
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly FragmentCollector _collector = new();
    private readonly ManualTimeProvider _clock = new();

    private string Video => _folder["video.mp4"];

    public void Dispose()
    {
        _collector.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Write_UnevenTimes_AreInTheStreamToTheMillisecond()
    {
        double[] given = [0, 0.0333, 0.0667, 0.1, 0.1015, 0.4, 2.4, 4.999, 5.0];
        Encode(given);

        double[] times = await VideoProbe.FrameTimesAsync(Video);
        Assert.Equal(given.Length, times.Length);
        Assert.All(times.Zip(given), pair => Assert.Equal(pair.Second, pair.First, 0.0005));
    }

    [Fact]
    public void Write_SteadyFrames_GivesShortFragmentsWithoutGapsAndKeyFramesAtTwoSeconds()
    {
        Encode(Seconds(0, 61));

        Assert.All(_collector.Fragments, fragment => Assert.InRange(fragment.Duration, TimeSpan.FromSeconds(0.01), TimeSpan.FromSeconds(0.31)));
        Assert.All(
            _collector.Fragments.Zip(_collector.Fragments.Skip(1)),
            pair => Assert.Equal((pair.First.Number + 1, pair.First.EndTicks), (pair.Second.Number, pair.Second.StartTicks)));
        Assert.Equal(
            [0, 2, 4, 6],
            _collector.Fragments.Where(fragment => fragment.StartsWithKeyFrame).Select(fragment => fragment.Start.TotalSeconds));
        Assert.Equal(61, _collector.Fragments.Sum(fragment => fragment.Frames));
    }

    [Fact]
    public void Write_CameraThatWasAway_GoesOnWithAKeyFrameEveryTwoSecondsAndNoMore()
    {
        Encode([.. Seconds(0, 10), .. Seconds(1800, 61)]);

        Assert.Equal(
            [0, 1800, 1802, 1804, 1806],
            _collector.Fragments.Where(fragment => fragment.StartsWithKeyFrame).Select(fragment => fragment.Start.TotalSeconds));
    }

    [Fact]
    public void Write_EncoderOfALaterRun_GoesOnWithNumbersAndTimes()
    {
        using (FfmpegEncoder encoder = Start(Small, start: TimeSpan.FromSeconds(100), firstNumber: 40))
        {
            WriteFrames(encoder, Seconds(100, 10));
            encoder.Complete();
        }

        Assert.Equal(40, _collector.Fragments[0].Number);
        Assert.Equal(TimeSpan.FromSeconds(100), _collector.Fragments[0].Start);
    }

    [Fact]
    public void Write_Detections_AreInTheFragmentOfTheirFrame()
    {
        using FfmpegEncoder encoder = Start(Small);
        using var image = new Mat(Small, MatType.CV_8UC3, Scalar.All(90));
        for (int i = 0; i < 40; i++)
        {
            Detection[] found = i == 25 ? [new Detection(7, 0.9f, new Box(0, 0, 1, 1), -1), new Detection(70, 0.5f, default, -1)] : [];
            encoder.Write(image, TimeSpan.FromSeconds(i / 10.0), Noon.AddSeconds(i / 10.0), found);
        }

        encoder.Complete();

        EncodedFragment fragment = Assert.Single(_collector.Fragments, fragment => fragment.Classes.Count > 0);
        Assert.Equal([7, 70], fragment.Classes.Ids);
        Assert.True(fragment.Start <= TimeSpan.FromSeconds(2.5) && fragment.End > TimeSpan.FromSeconds(2.5));
        Assert.All(_collector.Fragments, each => Assert.Equal(Noon + each.Start, each.CapturedAt, TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public async Task Write_SampleVideo_PlaysEveryFrameInItsColours()
    {
        using var source = new VideoCapture(Repository.SampleVideo, VideoCaptureAPIs.FFMPEG);
        using var image = new Mat();
        using (FfmpegEncoder encoder = Start(new Size(768, 576)))
        {
            for (int i = 0; i < 30 && source.Read(image); i++)
            {
                encoder.Write(image, TimeSpan.FromSeconds(i / 10.0), Noon, []);
            }

            encoder.Complete();
        }

        _collector.WriteTo(Video);
        Assert.Equal(30, (await VideoProbe.FrameTimesAsync(Video)).Length);
        Assert.Equal(
            ["h264", "High", "yuv420p", "tv", "smpte170m"],
            await VideoProbe.StreamAsync(Video, "codec_name", "profile", "pix_fmt", "color_range", "color_space"));
        AssertFrameLooksLike(image, Video, number: 29);
    }

    [Fact]
    public async Task Write_FullHd_DeclaresALevelThatPlayersTake()
    {
        Encode([0, 0.04], new Size(1920, 1080));

        Assert.Equal(["40"], await VideoProbe.StreamAsync(Video, "level"));
    }

    [Fact]
    public async Task Write_BitRateAndPreset_AreMet()
    {
        var options = new EncoderOptions { KilobitsPerSecond = 500, Preset = "ultrafast" };
        using (FfmpegEncoder encoder = Start(new Size(320, 240), options: options))
        using (var noise = new Mat(new Size(320, 240), MatType.CV_8UC3))
        {
            for (int i = 0; i < 100; i++)
            {
                new Random(i).NextBytes(noise.AsSpan<byte>());
                encoder.Write(noise, TimeSpan.FromSeconds(i / 10.0), Noon, []);
            }

            encoder.Complete();
        }

        _collector.WriteTo(Video);
        Assert.InRange(new FileInfo(Video).Length * 8 / 10.0 / 1000, 250, 1000);
        Assert.Equal(["Constrained Baseline"], await VideoProbe.StreamAsync(Video, "profile"));
    }

    [Theory]
    [InlineData(161, 120, 160, 120)]
    [InlineData(160, 121, 160, 120)]
    [InlineData(3, 3, 2, 2)]
    public async Task Write_OddSize_LeavesOutTheLastRowOrColumn(int width, int height, int encodedWidth, int encodedHeight)
    {
        Encode([0, 0.1, 0.2], new Size(width, height));

        Assert.Equal([$"{encodedWidth}", $"{encodedHeight}"], await VideoProbe.StreamAsync(Video, "width", "height"));
        Assert.Equal(3, (await VideoProbe.FrameTimesAsync(Video)).Length);
    }

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
        SpinWait.SpinUntil(() => _collector.Fragments is [.., { } last] && last.End >= TimeSpan.FromSeconds(4.5));
        using (Process process = Process.GetProcessById(encoder.ProcessId))
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        var exception = Assert.Throws<OutputException>(() => WriteFrames(encoder, [5, 6, 7, 8]));

        Assert.Contains("ffmpeg failed", exception.Message, StringComparison.Ordinal);
        Assert.Throws<OutputException>(encoder.Complete);
        _collector.WriteTo(Video);
        Assert.True((await VideoProbe.FrameTimesAsync(Video)).Length >= 45);
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
        SpinWait.SpinUntil(() => ProcessActivity.Of(encoder.ProcessId) is null);

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

        Assert.Equal(40, _collector.Fragments.Sum(fragment => fragment.Frames));
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
        Assert.Equal(300, _collector.Fragments.Sum(fragment => fragment.Frames));
    }

    [Fact]
    public async Task Write_SlowTakerOfFragments_IsNoFaultOfFfmpegs()
    {
        using var goOn = new ManualResetEventSlim();
        using var encoder = new FfmpegEncoder(
            new EncoderOptions(), Small, TimeSpan.Zero, 0, fragment => { goOn.Wait(); _collector.Take(fragment); }, _clock);

        // Far more than both pipes hold, so that the writing waits for the taker.
        Task writing = Task.Run(() => WriteNoise(encoder, 400));
        SpinWait.SpinUntil(() => encoder.Fragments > 0);
        WaitUntilAsleep(encoder);
        _clock.Advance(TimeSpan.FromHours(1));
        goOn.Set();
        await writing;
        encoder.Complete();

        Assert.Equal(400, _collector.Fragments.Sum(fragment => fragment.Frames));
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

    [Fact]
    public void Write_EncoderThatFfmpegCannotOpen_ThrowsWithItsOwnWordsInOneLine()
    {
        using FfmpegEncoder encoder = Start(Small, options: new EncoderOptions { Encoder = VideoEncoder.Vaapi, Device = "/dev/no-such-device" });

        var exception = Assert.Throws<OutputException>(() => WriteFrames(encoder, Seconds(0, 1000)));

        Assert.Contains("no-such-device", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void Write_FrameOfAnotherSize_ThrowsArgumentException()
    {
        using FfmpegEncoder encoder = Start(Small);
        using var image = new Mat(120, 162, MatType.CV_8UC3);

        Assert.Throws<ArgumentException>(() => encoder.Write(image, TimeSpan.Zero, Noon, []));
    }

    [Theory]
    [InlineData(1, 120)]
    [InlineData(120, 16386)]
    public void Start_SizeThatH264DoesNotTake_SaysWhichItTakes(int width, int height)
    {
        var error = Assert.Throws<OutputException>(() => Start(new Size(width, height)));

        Assert.Equal($"pictures of {width}x{height} can't be encoded; H.264 takes 2x2 to 16384x16384.", error.Message);
    }

    [Fact]
    public void IsOn_FoldersOfThePath_FindsFfmpegOnlyWhereItIs()
    {
        File.WriteAllText(_folder["ffmpeg"], "");

        Assert.True(Ffmpeg.IsOn($"/nowhere:{_folder.Path}"));
        Assert.False(Ffmpeg.IsOn("/nowhere:"));
        Assert.False(Ffmpeg.IsOn(null));
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

    /// <summary>Ten times a second.</summary>
    private static double[] Seconds(double from, int count) => [.. Enumerable.Range(0, count).Select(i => from + (i / 10.0))];

    private static void WriteFrames(FfmpegEncoder encoder, double[] seconds, Size? size = null)
    {
        using var image = new Mat(size ?? Small, MatType.CV_8UC3);
        for (int i = 0; i < seconds.Length; i++)
        {
            image.SetTo(Scalar.All(40 + (5 * i % 200)));
            encoder.Write(image, TimeSpan.FromSeconds(seconds[i]), Noon, []);
        }
    }

    private static void WriteNoise(FfmpegEncoder encoder, int count)
    {
        using var image = new Mat(Small, MatType.CV_8UC3);
        for (int i = 0; i < count; i++)
        {
            new Random(i).NextBytes(image.AsSpan<byte>());
            encoder.Write(image, TimeSpan.FromSeconds(i / 10.0), Noon, []);
        }
    }

    private FfmpegEncoder Start(
        Size size,
        EncoderOptions? options = null,
        TimeSpan start = default,
        long firstNumber = 0,
        TimeProvider? time = null) =>
        new(options ?? new EncoderOptions(), size, start, firstNumber, _collector.Take, time ?? TimeProvider.System);

    private void Encode(double[] seconds, Size? size = null)
    {
        using (FfmpegEncoder encoder = Start(size ?? Small))
        {
            WriteFrames(encoder, seconds, size);
            encoder.Complete();
        }

        _collector.WriteTo(Video);
    }

    private static void AssertFrameLooksLike(Mat expected, string path, int number)
    {
        using var capture = new VideoCapture(path, VideoCaptureAPIs.FFMPEG);
        for (int i = 0; i <= number; i++)
        {
            Assert.True(capture.Grab());
        }

        using var frame = new Mat();
        Assert.True(capture.Retrieve(frame));
        double difference = Cv2.Norm(expected, frame, NormTypes.L1) / (frame.Total() * frame.Channels());
        Assert.True(difference < 4, $"The frame differs by {difference:F1} on average.");
    }
}
