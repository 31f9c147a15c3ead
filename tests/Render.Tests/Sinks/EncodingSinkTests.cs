using Pipeline.Render.Tests.Recording;
using Pipeline.Testing;

namespace Pipeline.Render.Tests.Sinks;

/// <summary>The sample video's first seconds through real encoders, which the tests kill, stop and misconfigure.</summary>
public sealed class EncodingSinkTests : IDisposable
{
    private const int Frames = 60;

    private readonly TemporaryFolder _folder = new();
    private readonly LineLogger _log = new();

    private string Video => _folder["video.mp4"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Write_SampleVideo_RecordsEveryFrameInFileAndSegments()
    {
        using TestFrames frames = await CaptureAsync();
        using RecordingArchive archive = OpenArchive();
        using (EncodingSink sink = Sink(IntoFile(), IntoFolder(archive)))
        {
            frames.WriteTo(sink, 0, Frames);
            sink.Complete();
        }

        Assert.Equal(Frames, (await VideoProbe.FrameTimesAsync(Video)).Length);
        Assert.Equal([20, 20, 20], (await TimesOfSegmentsAsync(archive)).Select(times => times.Length));
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("STOP")]
    public async Task Write_EncoderIsKilledOrStopped_GoesOnInTheFileAndInANewSegment(string signal)
    {
        using TestFrames frames = await CaptureAsync();
        using RecordingArchive archive = OpenArchive();
        using (EncodingSink sink = Sink(IntoFile(), IntoFolder(archive)))
        {
            frames.WriteTo(sink, 0, 30);
            SpinWait.SpinUntil(() => File.Exists(Video) && new FileInfo(Video).Length > 100_000);
            await Command.RunAsync("sh", ["-c", $"kill -{signal} {sink.ProcessId}"]);
            frames.WriteTo(sink, 30, Frames);
            sink.Complete();
        }

        double[] times = await VideoProbe.FrameTimesAsync(Video);
        Assert.Equal(5.9, times[^1], 0.05);
        Assert.InRange(times.Length, 40, Frames);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 0.09, 2));
        Assert.Single(_log.Lines, line => line.Contains("the encoder is started anew", StringComparison.Ordinal));

        double[][] segments = await TimesOfSegmentsAsync(archive);
        Assert.True(segments.Length > 2);
        Assert.All(segments, segment => Assert.Equal(0, segment[0]));
        Assert.Equal(times.Length, segments.Sum(segment => segment.Length));
    }

    [Fact]
    public async Task Write_CameraThatWasAwayForANight_GoesOnInTheSameFileAtTheRightTimes()
    {
        using TestFrames frames = await TestFrames.CaptureWithSilenceAsync(Frames, before: 30, TimeSpan.FromHours(8));
        using (EncodingSink sink = Sink(IntoFile()))
        {
            frames.WriteTo(sink, 0, Frames);
            sink.Complete();
        }

        double[] times = await VideoProbe.FrameTimesAsync(Video);
        Assert.Equal(Frames, times.Length);
        Assert.All(times.Index(), frame => Assert.Equal((frames[frame.Index].PresentationTime - frames[0].PresentationTime).TotalSeconds, frame.Item, 0.01));
        Assert.True(times[^1] > 8 * 3600);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Write_HardwareEncoderDoesNotWork_SoftwareTakesOverAndSaysSoOnce()
    {
        using TestFrames frames = await CaptureAsync();
        var options = new EncoderOptions { Encoder = VideoEncoder.Vaapi, Device = "/dev/no-such-device" };
        using (var sink = new EncodingSink("video of gate", options, [IntoFile()], waits: true, _log, TimeProvider.System))
        {
            frames.WriteTo(sink, 0, Frames);
            sink.Complete();
        }

        Assert.InRange((await VideoProbe.FrameTimesAsync(Video)).Length, Frames - 3, Frames);
        Assert.Contains("no-such-device", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_SoftwareEncoderDoesNotWork_ThrowsSoThatTheStageTriesAgain()
    {
        using TestFrames frames = await CaptureAsync();
        using var sink = new EncodingSink(
            "video of gate", new EncoderOptions { Preset = "nonsense" }, [IntoFile()], waits: true, _log, TimeProvider.System);

        Assert.Contains("nonsense", Assert.Throws<OutputException>(() => frames.WriteTo(sink, 0, Frames)).Message, StringComparison.Ordinal);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Write_OneConsumerHangs_TheOtherGetsEverything()
    {
        using TestFrames frames = await CaptureAsync();
        using var goOn = new ManualResetEventSlim();
        using (var sink = new EncodingSink("video of gate", Fast, [new HangingConsumer(goOn), IntoFile()], waits: false, _log, TimeProvider.System))
        {
            frames.WriteTo(sink, 0, Frames);
            SpinWait.SpinUntil(() => File.Exists(Video) && new FileInfo(Video).Length > 100_000);
            goOn.Set();
            sink.Complete();
        }

        Assert.Equal(Frames, (await VideoProbe.FrameTimesAsync(Video)).Length);
    }

    [Fact]
    public void Dispose_NothingCame_LeavesNoFile()
    {
        Sink(IntoFile()).Dispose();

        Assert.False(File.Exists(Video));
    }

    [Fact]
    public void IntoFile_FolderThatCannotBe_ThrowsAtOnce()
    {
        File.WriteAllText(_folder["file"], "");

        Assert.Throws<OutputException>(() => FragmentRecorder.IntoFile(_folder["file/video.mp4"], "gate", EncodedVideo.Labels, _log, TimeProvider.System));
    }

    [Fact]
    public void IntoFile_FileThatAnotherRecorderWrites_IsRefusedAndStaysAsItIs()
    {
        using var made = new MadeFragments();
        using FragmentRecorder first = IntoFile();
        Array.ForEach(made.Make(0, 2), first.Take);
        long length = new FileInfo(Video).Length;

        var exception = Assert.Throws<OutputException>(IntoFile);

        Assert.Contains(Video, exception.Message, StringComparison.Ordinal);
        Assert.InRange(length, 1, new FileInfo(Video).Length);
    }

    private static EncoderOptions Fast => new() { Preset = "ultrafast" };

    private static Task<TestFrames> CaptureAsync() => TestFrames.CaptureAsync(Frames, Repository.SampleVideo);

    private static async Task<double[][]> TimesOfSegmentsAsync(RecordingArchive archive) => await Task.WhenAll(
        archive.Index.Find(new RecordingQuery()).Select(recording => VideoProbe.FrameTimesAsync(Path.Combine(archive.Folder, recording.Path))));

    private EncodingSink Sink(params IFragmentConsumer[] consumers) =>
        new("video of gate", Fast, consumers, waits: true, _log, TimeProvider.System);

    private FragmentRecorder IntoFile() => FragmentRecorder.IntoFile(Video, "gate", EncodedVideo.Labels, _log, TimeProvider.System);

    private FragmentRecorder IntoFolder(RecordingArchive archive) => FragmentRecorder.IntoFolder(
        archive, "gate", new SegmentLimits(TimeSpan.FromSeconds(2)), events: null, EncodedVideo.Labels, _log, TimeProvider.System);

    private RecordingArchive OpenArchive() => RecordingArchive.Open(_folder["archive"], new RetentionOptions(), _log, TimeProvider.System);

    private sealed class HangingConsumer(ManualResetEventSlim goOn) : IFragmentConsumer
    {
        public OutputHealth Health { get; } = new("hanging", new LineLogger(), TimeProvider.System);

        public void Take(EncodedFragment fragment) => goOn.Wait();

        public void Complete()
        {
        }

        public void Dispose()
        {
        }
    }
}
