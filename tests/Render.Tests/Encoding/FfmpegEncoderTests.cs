using OpenCvSharp;
using Pipeline.PostProcess;
using Pipeline.Testing;

namespace Pipeline.Render.Tests.Encoding;

/// <summary>What an encoder makes of frames: times, key frames, colours, sizes.</summary>
public sealed class FfmpegEncoderTests : EncoderTest
{
    private string Video => Folder["video.mp4"];

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

        Assert.All(Collector.Fragments, fragment => Assert.InRange(fragment.Duration, TimeSpan.FromSeconds(0.01), TimeSpan.FromSeconds(0.31)));
        Assert.All(
            Collector.Fragments.Zip(Collector.Fragments.Skip(1)),
            pair => Assert.Equal((pair.First.Number + 1, pair.First.EndTicks), (pair.Second.Number, pair.Second.StartTicks)));
        Assert.Equal(
            [0, 2, 4, 6],
            Collector.Fragments.Where(fragment => fragment.StartsWithKeyFrame).Select(fragment => fragment.Start.TotalSeconds));
        Assert.Equal(61, Collector.Fragments.Sum(fragment => fragment.Frames));
    }

    [Fact]
    public void Write_CameraThatWasAway_GoesOnWithAKeyFrameEveryTwoSecondsAndNoMore()
    {
        Encode([.. Seconds(0, 10), .. Seconds(1800, 61)]);

        Assert.Equal(
            [0, 1800, 1802, 1804, 1806],
            Collector.Fragments.Where(fragment => fragment.StartsWithKeyFrame).Select(fragment => fragment.Start.TotalSeconds));
    }

    [Fact]
    public void Write_EncoderOfALaterRun_GoesOnWithNumbersAndTimes()
    {
        using (FfmpegEncoder encoder = Start(Small, start: TimeSpan.FromSeconds(100), firstNumber: 40))
        {
            WriteFrames(encoder, Seconds(100, 10));
            encoder.Complete();
        }

        Assert.Equal(40, Collector.Fragments[0].Number);
        Assert.Equal(TimeSpan.FromSeconds(100), Collector.Fragments[0].Start);
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

        EncodedFragment fragment = Assert.Single(Collector.Fragments, fragment => fragment.Classes.Count > 0);
        Assert.Equal([7, 70], fragment.Classes.Ids);
        Assert.True(fragment.Start <= TimeSpan.FromSeconds(2.5) && fragment.End > TimeSpan.FromSeconds(2.5));
        Assert.All(Collector.Fragments, each => Assert.Equal(Noon + each.Start, each.CapturedAt, TimeSpan.FromMilliseconds(1)));
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

        Collector.WriteTo(Video);
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

        Collector.WriteTo(Video);
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

    private void Encode(double[] seconds, Size? size = null)
    {
        using (FfmpegEncoder encoder = Start(size ?? Small))
        {
            WriteFrames(encoder, seconds, size);
            encoder.Complete();
        }

        Collector.WriteTo(Video);
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
