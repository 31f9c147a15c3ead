using OpenCvSharp;
using Pipeline.Testing;

namespace Pipeline.Capture.Tests.Streams;

/// <summary>What a stream's own settings change in what goes over the network and what comes out.</summary>
public sealed class StreamOptionsTests
{
    [Fact]
    public async Task Transport_OfEachSource_IsItsOwn()
    {
        using RtspCamera camera = await RtspCamera.StartAsync();
        await using StreamRun tcp = Start(camera, new StreamOptions(StreamTransport.Tcp));
        await using StreamRun udp = Start(camera, new StreamOptions(StreamTransport.Udp));
        await using StreamRun auto = Start(camera, new StreamOptions());
        await Task.WhenAll(tcp.Recorder.WaitForFramesAsync(2), udp.Recorder.WaitForFramesAsync(2), auto.Recorder.WaitForFramesAsync(2));

        Assert.Contains("clients=3 ", await camera.TellAsync("stat"), StringComparison.Ordinal);
        Assert.Contains("udp=1 ", await camera.TellAsync("stat"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Udp_CameraKnowsOnlyTcp_IsNotOpened()
    {
        using RtspCamera camera = await RtspCamera.StartAsync("--tcp-only");
        await using StreamRun run = Start(camera, new StreamOptions(StreamTransport.Udp));

        await run.Recorder.WaitForAsync(SourceState.BackingOff);

        Assert.Contains("sends nothing that can be decoded", run.Recorder.Reasons, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stall:0", "sent nothing for 2 s")]
    [InlineData("off", "nothing listens")]
    public async Task Udp_CameraIsLost_IsNoticedAndFoundAgain(string fault, string reason)
    {
        using RtspCamera camera = await RtspCamera.StartAsync();
        await using StreamRun run = Start(camera, new StreamOptions(StreamTransport.Udp));
        await run.Recorder.WaitForFramesAsync(2);

        Task<TimeSpan> told = run.Recorder.WaitAsync(() => run.Recorder.Reasons.Contains(reason, StringComparison.Ordinal));
        await (fault == "off" ? Task.Run(camera.PowerOff) : camera.TellAsync(fault));
        await told;
        await (fault == "off" ? camera.PowerOnAsync() : camera.TellAsync("normal"));
        await run.Recorder.WaitForFramesAsync(2);

        Assert.Equal(SourceState.Live, run.Reader.State);
    }

    /// <summary>What the decoder holds back is counted where the camera falls silent: frames that it sent and that never came.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public async Task DecoderThreads_Each_HoldsOneFrameBack(int threads)
    {
        using RtspCamera camera = await RtspCamera.StartAsync();
        using var capture = new VideoCapture(
            camera.Address, VideoCaptureAPIs.FFMPEG, [FfmpegCapture.DecoderThreads, threads, (int)VideoCaptureProperties.ReadTimeoutMsec, 3000]);
        Assert.True(capture.IsOpened());
        Task<int> grabbing = Task.Run(() => Grab(capture));
        for (string status = ""; !status.Contains("frames=3", StringComparison.Ordinal); status = await camera.TellAsync("stat"))
        {
            await Task.Delay(20);
        }

        await camera.TellAsync("stall:0");
        int grabbed = await grabbing;
        string sent = (await camera.TellAsync("stat")).Split("frames=")[1].Split(' ')[0];

        // The last one grabbed is the one before, once more: its time limit was over.
        Assert.Equal(threads, capture.Get(FfmpegCapture.DecoderThreads));
        Assert.Equal(threads, int.Parse(sent, System.Globalization.CultureInfo.InvariantCulture) - (grabbed - 1));

        static int Grab(VideoCapture capture)
        {
            int grabbed = 0;
            while (capture.Grab())
            {
                grabbed++;
            }

            return grabbed;
        }
    }

    [Fact]
    public async Task HardwareDecoding_NoneThere_DecodesWithTheProcessorAndSaysSo()
    {
        using RtspCamera camera = await RtspCamera.StartAsync();
        await using StreamRun run = StreamRun.Start(camera.Address, StreamRun.Camera with { HardwareDecoding = VideoAccelerationType.VAAPI });

        await run.Recorder.WaitForFramesAsync(2);

        // A machine with such hardware says the other.
        Assert.Matches("decoded by (VAAPI|the processor, since no hardware decoder was found)$", run.Reader.Format);
    }

    [Fact]
    public async Task PictureSize_ChangesInMidStream_IsOpenedAnewInTheNewSize()
    {
        using RtspCamera camera = await RtspCamera.StartAsync();
        await using StreamRun run = await StreamRun.StartLiveAsync(camera.Address);
        Assert.Equal(new Size(768, 576), run.Recorder.Size);

        Task<TimeSpan> lost = run.Recorder.WaitForAsync(SourceState.BackingOff);
        await camera.TellAsync("other");
        await lost;
        await run.Recorder.WaitForFramesAsync(2);

        Assert.Contains("changed its picture size from 768x576 to 640x480", run.Recorder.Reasons, StringComparison.Ordinal);
        Assert.Equal(new Size(640, 480), run.Recorder.Size);
    }

    private static StreamRun Start(RtspCamera camera, StreamOptions options) =>
        StreamRun.Start(camera.Address, StreamRun.Camera with { Stream = options });
}
