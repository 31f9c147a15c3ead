using OpenCvSharp;
using Pipeline.Testing;

namespace Pipeline.Capture.Tests;

public sealed class SourceReaderTests
{
    private static readonly SourceReaderOptions EveryFrame = new(Latest: false, Pace: false, Loop: false, MaximumFrames: null);

    [Fact]
    public async Task Run_SampleVideo_DeliversEveryFrameInOrderAtTenASecond()
    {
        using var pool = new FramePool(2);
        var recorder = new Recorder();
        SourceReader reader = Start(Repository.SampleVideo, EveryFrame, pool, recorder);

        await reader.Completion;

        Assert.Equal(SourceState.Ended, reader.State);
        Assert.Null(reader.Warning);
        Assert.Equal(795, reader.ExpectedFrames);
        Assert.Equal(Enumerable.Range(0, 795).Select(n => (long)n), recorder.Frames.Select(f => f.Number));
        Assert.All(recorder.Frames, f => Assert.Equal(f.Number * 100.0, f.Time.TotalMilliseconds, 1.0));
        Assert.Equal(0, pool.Leased);
    }

    [Fact]
    public async Task Run_MaximumFrames_EndsThere()
    {
        using var pool = new FramePool(2);
        var recorder = new Recorder();
        SourceReader reader = Start(Repository.SampleVideo, EveryFrame with { MaximumFrames = 5 }, pool, recorder);

        await reader.Completion;

        Assert.Equal(5, recorder.Frames.Count);
        Assert.Equal(SourceState.Ended, reader.State);
        Assert.Null(reader.Warning);
    }

    [Theory]
    [InlineData(10, 20)]
    [InlineData(4, 8)]
    [InlineData(3, 6)]
    [InlineData(25, 20)]
    public async Task Run_MaximumRate_PassesOverWhatIsBeyondIt(double rate, int delivered)
    {
        using var pool = new FramePool(2);
        var recorder = new Recorder();
        SourceReader reader = Start(Repository.SampleVideo, EveryFrame with { MaximumFrames = 20, MaximumRate = rate }, pool, recorder);

        await reader.Completion;

        // Two seconds of ten frames each.
        Assert.Equal(delivered, recorder.Frames.Count);
        Assert.Equal(0, recorder.PassedOver);
    }

    [Fact]
    public async Task Run_LoopedVideo_GoesOnWithRisingTimes()
    {
        using var folder = new TemporaryFolder();
        WriteVideo(folder["short.avi"], frames: 4);
        using var pool = new FramePool(2);
        var recorder = new Recorder();
        SourceReader reader = Start(folder["short.avi"], EveryFrame with { Loop = true, MaximumFrames = 10 }, pool, recorder);

        await reader.Completion;

        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 2, 2], recorder.Segments);
        Assert.All(recorder.Frames.Zip(recorder.Frames.Skip(1)), pair => Assert.True(pair.First.Time < pair.Second.Time));
    }

    [Fact]
    public async Task Run_VideoCutOff_GivesWhatIsThereAndWarns()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = File.ReadAllBytes(Repository.SampleVideo);
        File.WriteAllBytes(folder["cut.avi"], whole[..(whole.Length / 2)]);
        using var pool = new FramePool(2);
        var recorder = new Recorder();
        SourceReader reader = Start(folder["cut.avi"], EveryFrame, pool, recorder);

        await reader.Completion;

        Assert.Equal(SourceState.Ended, reader.State);
        Assert.InRange(recorder.Frames.Count, 300, 500);
        Assert.Contains("of 795 frames", reader.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PictureFolderWithABrokenOne_PassesItOver()
    {
        using var folder = new TemporaryFolder();
        WritePicture(folder["a.png"], 32, 24);
        File.WriteAllText(folder["b.png"], "no picture");
        WritePicture(folder["c.jpg"], 64, 48);
        File.WriteAllText(folder["notes.txt"], "no picture either");
        using var pool = new FramePool(2);
        var sizes = new List<Size>();
        var recorder = new Recorder { OnFrame = frame => { sizes.Add(frame.Image.Size()); frame.Dispose(); } };
        SourceReader reader = Start(folder.Path, EveryFrame, pool, recorder);

        await reader.Completion;

        Assert.Equal(SourceState.Ended, reader.State);
        Assert.Equal([new Size(32, 24), new Size(64, 48)], sizes);
        Assert.Equal([folder["b.png"]], recorder.Skipped);
    }

    [Fact]
    public async Task Run_PictureLargerThanOpenCvTakes_PassesItOver()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.ppm"], "P6 2000000 2000000 255\n");
        WritePicture(folder["b.png"], 32, 24);
        using var pool = new FramePool(2);
        var recorder = new Recorder();
        SourceReader reader = Start(folder.Path, EveryFrame, pool, recorder);

        await reader.Completion;

        Assert.Null(reader.Failure);
        Assert.Single(recorder.Frames);
        Assert.Equal([folder["a.ppm"]], recorder.Skipped);
    }

    [Theory]
    [InlineData("missing.mp4", null, "There is no file")]
    [InlineData("empty.mp4", "", "is empty")]
    [InlineData("text.mp4", "this is no video at all", "is no video that can be read")]
    [InlineData("missing.jpg", null, "There is no picture")]
    [InlineData("text.jpg", "this is no picture at all", "holds no picture")]
    public async Task Run_UnreadableFile_FailsWithTheReason(string name, string? content, string reason)
    {
        using var folder = new TemporaryFolder();
        if (content is not null)
        {
            File.WriteAllText(folder[name], content);
        }

        using var pool = new FramePool(2);
        SourceReader reader = Start(folder[name], EveryFrame, pool, new Recorder());

        await reader.Completion;

        Assert.Equal(SourceState.Failed, reader.State);
        Assert.Contains(reason, reader.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_LatestAndPoolEmpty_PassesFramesOverWithoutWaiting()
    {
        using var pool = new FramePool(1);
        var held = new List<Frame>();
        var recorder = new Recorder { OnFrame = held.Add };
        SourceReader reader = Start("test://64x48@1000?count=5", EveryFrame with { Latest = true }, pool, recorder);

        await reader.Completion;

        Assert.Single(held);
        Assert.Equal(4, recorder.PassedOver);
        Assert.Equal(5, reader.FramesGrabbed);
        held[0].Dispose();
    }

    [Fact]
    public async Task Run_CancelledWhileThePoolIsEmpty_EndsAndLeaksNothing()
    {
        using var pool = new FramePool(1);
        using var stop = new CancellationTokenSource();
        Frame? held = null;
        var recorder = new Recorder { OnFrame = frame => { held = frame; stop.Cancel(); } };
        SourceReader reader = Start(Repository.SampleVideo, EveryFrame, pool, recorder, stop.Token);

        await reader.Completion;

        Assert.Equal(SourceState.Ended, reader.State);
        held!.Dispose();
        Assert.Equal(0, pool.Leased);
    }

    [Fact]
    public async Task Run_TestPattern_ShowsTheSamePictureInEveryRun()
    {
        Assert.Equal(await FirstPictures(), await FirstPictures());

        static async Task<List<byte[]>> FirstPictures()
        {
            using var pool = new FramePool(4);
            var pictures = new List<byte[]>();
            var recorder = new Recorder { OnFrame = frame => { pictures.Add(frame.Image.AsSpan<byte>().ToArray()); frame.Dispose(); } };
            await Start("test://64x48@500?count=3", EveryFrame, pool, recorder).Completion;
            return pictures;
        }
    }

    private static SourceReader Start(
        string address, SourceReaderOptions options, FramePool pool, Recorder recorder, CancellationToken cancellationToken = default)
    {
        var reader = new SourceReader(SourceAddress.Parse(address), "test", options, pool, recorder, TimeProvider.System);
        reader.Start(cancellationToken);
        return reader;
    }

    private static void WritePicture(string path, int width, int height)
    {
        using var picture = new Mat(height, width, MatType.CV_8UC3, new Scalar(10, 120, 240));
        Assert.True(Cv2.ImWrite(path, picture));
    }

    private static void WriteVideo(string path, int frames)
    {
        using var writer = new VideoWriter(path, FourCC.MJPG, 10, new Size(64, 48));
        using var picture = new Mat(48, 64, MatType.CV_8UC3, new Scalar(10, 120, 240));
        for (int i = 0; i < frames; i++)
        {
            writer.Write(picture);
        }
    }
}
