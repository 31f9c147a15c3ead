using System.Net;
using System.Net.Sockets;
using OpenCvSharp;
using Pipeline.Capture.Tests.Streams;

namespace Pipeline.Capture.Tests.Gstreamer;

/// <summary>Sources that GStreamer launches, good and bad.</summary>
public sealed class LaunchLineTests
{
    private const string Convert = " ! videoconvert ! video/x-raw,format=BGR ! appsink drop=true max-buffers=1";

    [Theory]
    [InlineData("videotestsrc", "videotestsrc" + Convert)]
    [InlineData("videotestsrc ! ", "videotestsrc" + Convert)]
    [InlineData("videotestsrc ! videoconvert ! appsink sync=false", "videotestsrc ! videoconvert ! appsink sync=false")]
    [InlineData("filesrc location=appsinks.mkv", "filesrc location=appsinks.mkv" + Convert)]
    public void Complete_LineWithoutSink_GetsOne(string line, string complete) => Assert.Equal(complete, LaunchLine.Complete(line));

    [Theory]
    [InlineData("could not link fakesink2 to videoconvert12", "fakesink ! videoconvert", "could not link fakesink to videoconvert")]
    [InlineData("could not link x264enc0 to sink7", "x264enc ! fakesink name=sink7", "could not link x264enc to sink7")]
    [InlineData("no element \"x264\"", "x264", "no element \"x264\"")]
    [InlineData("no element \"nosuch5\"", "nosuch5 ! nosuch", "no element \"nosuch5\"")]
    public void WithoutCounts_ElementsThatGStreamerNamed_AreNamedAsInTheLine(string reason, string line, string shown) =>
        Assert.Equal(shown, LaunchLine.WithoutCounts(reason, line));

    [Fact]
    public async Task Line_WithoutSink_DeliversColourPictures()
    {
        await using StreamRun run = StreamRun.Start("gst:videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=25/1");

        await run.Recorder.WaitForFramesAsync(5);

        Assert.Equal(new Size(320, 240), run.Recorder.Size);
        Assert.Equal("320x240 25 fps", run.Reader.Format);
    }

    [Theory]
    [InlineData("GRAY8", "CV_8UC1")]
    [InlineData("I420", "CV_8UC1")]
    [InlineData("BGRx", "CV_8UC4")]
    public async Task Line_WhoseOwnSinkTakesNoColourPictures_IsRefusedWithAReason(string format, string type)
    {
        await using StreamRun run = StreamRun.Start(
            $"gst:videotestsrc is-live=true ! video/x-raw,width=320,height=240,format={format} ! appsink");

        await run.Recorder.WaitForAsync(SourceState.BackingOff);

        Assert.Contains($"gives pictures of type {type}", run.Recorder.Reasons, StringComparison.Ordinal);
        Assert.Equal(0, run.Recorder.Frames);
    }

    [Fact]
    public async Task Line_ThatEnds_IsStartedAgain()
    {
        await using StreamRun run = StreamRun.Start("gst:videotestsrc num-buffers=3");

        await run.Recorder.WaitAsync(() => run.Reader.Reconnects >= 1);

        Assert.Contains("has ended", run.Recorder.Reasons, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gst:nosuchelement ! videoconvert", "refuses the launch line: no element \"nosuchelement\"")]
    [InlineData("gst:videotestsrc pattren=1", "refuses the launch line: no property \"pattren\" in element")]
    [InlineData("gst:videotestsrc ! ! identity", "refuses the launch line")]
    [InlineData("gst:audiotestsrc", "refuses the launch line: could not link audiotestsrc")]
    [InlineData("gst:filesrc location=/nowhere/film.mkv ! matroskademux ! fakesink videotestsrc ! identity", "gives no picture")]
    [InlineData("gst:v4l2src device=/dev/video99", "gives no picture")]
    public async Task Line_ThatIsWrong_IsRefusedWithAReason(string line, string reason)
    {
        await using StreamRun run = StreamRun.Start(line);

        await run.Recorder.WaitForAsync(SourceState.BackingOff);

        Assert.Contains(reason, run.Recorder.Reasons, StringComparison.Ordinal);
        Assert.Equal(0, run.Reader.HungCalls);
    }

    [Fact]
    public async Task Line_ThatNeverGivesAPicture_IsGivenUpInTime()
    {
        await using StreamRun run = StreamRun.Start(
            "gst:videotestsrc is-live=true ! valve drop=true", StreamRun.ShortLimits with { Open = TimeSpan.FromSeconds(1) });

        await run.Recorder.WaitForAsync(SourceState.BackingOff);

        Assert.Contains("none came within 1 s", run.Recorder.Reasons, StringComparison.Ordinal);
        Assert.Equal(0, run.Reader.HungCalls);
    }

    [Fact]
    public async Task Line_ThatFallsSilent_IsStartedAgainWithoutAHungCall()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        int port = ((IPEndPoint)server.LocalEndpoint).Port;
        await using StreamRun run = StreamRun.Start(
            $"gst:tcpclientsrc host=127.0.0.1 port={port} ! rawvideoparse width=64 height=48 format=gray8 framerate=25/1");
        using TcpClient camera = await server.AcceptTcpClientAsync();
        await camera.GetStream().WriteAsync(new byte[10 * 64 * 48]);
        await run.Recorder.WaitForFramesAsync(5);

        using TcpClient again = await server.AcceptTcpClientAsync();

        Assert.Contains("gave nothing for 2 s", run.Recorder.Reasons, StringComparison.Ordinal);
        Assert.Equal(0, run.Reader.HungCalls);
    }

    [Theory]
    [InlineData("gst:rtspsrc location=rtsp://me:s3same@camera/live user-id=me user-pw=s3same ! decodebin")]
    [InlineData("gst:souphttpsrc user-id=me user-pw = \"s3same s3same\" ! jpegdec")]
    public void ToString_LineWithPassword_HidesIt(string line)
    {
        string shown = SourceAddress.Parse(line).ToString();

        Assert.DoesNotContain("s3same", shown, StringComparison.Ordinal);
        Assert.Contains("user-pw=***", shown, StringComparison.Ordinal);
        Assert.Contains(" ! ", shown, StringComparison.Ordinal);
    }
}
