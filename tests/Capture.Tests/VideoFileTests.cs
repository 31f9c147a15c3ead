using Pipeline.Testing;

namespace Pipeline.Capture.Tests;

/// <summary>Video files that are not as files should be: joined, growing, unfinished. They are made by ffmpeg.</summary>
public sealed class VideoFileTests : IDisposable
{
    private const double FrameMilliseconds = 100;

    private static readonly SourceReaderOptions EveryFrame = new(Latest: false, Pace: false, Loop: false, MaximumFrames: null);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_TimesJumpBack_GoOnAsIfTheyHadNot()
    {
        await MakeAsync("part.ts");
        Join("joined.ts", "part.ts", "part.ts");

        (SourceReader reader, Recorder recorder) = await ReadAsync("joined.ts");

        Assert.Null(reader.Failure);
        AssertOneBreak(recorder);
        Assert.All(Steps(recorder), step => Assert.Equal(FrameMilliseconds, step, 1.0));
    }

    [Fact]
    public async Task Run_TimesJumpAhead_AreKeptAndBeginANewSegment()
    {
        await MakeAsync("part.ts");
        await MakeAsync("later.ts", "-output_ts_offset", "60");
        Join("joined.ts", "part.ts", "later.ts");

        (_, Recorder recorder) = await ReadAsync("joined.ts");

        AssertOneBreak(recorder);
        Assert.Single(Steps(recorder), step => step > 50_000);
    }

    [Fact]
    public async Task Run_PictureSizeChanges_IsReadUpToThereAndSaysSo()
    {
        await MakeAsync("part.ts");
        await MakeAsync("small.ts", "-vf", "scale=320:240");
        Join("joined.ts", "part.ts", "small.ts");

        (SourceReader reader, Recorder recorder) = await ReadAsync("joined.ts");

        Assert.Equal(SourceState.Ended, reader.State);
        Assert.InRange(recorder.Frames.Count, 18, 20);
        Assert.Contains("up to where its pictures change from 768x576 to 320x240", reader.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FileGrowsMeanwhile_IsReadAsFarAsItWentAndSaysSo()
    {
        await MakeAsync("film.ts");
        byte[] film = await File.ReadAllBytesAsync(_folder["film.ts"]);
        await File.WriteAllBytesAsync(_folder["growing.ts"], film[..(film.Length / 2)]);
        bool grown = false;
        var recorder = new Recorder
        {
            OnFrame = frame =>
            {
                frame.Dispose();
                if (!grown)
                {
                    grown = true;
                    using FileStream file = File.Open(_folder["growing.ts"], FileMode.Append);
                    file.Write(film.AsSpan(film.Length / 2, film.Length / 4));
                }
            },
        };

        SourceReader reader = await ReadAsync("growing.ts", recorder);

        Assert.Equal(SourceState.Ended, reader.State);
        Assert.InRange(recorder.Frames.Count, 5, 19);
        Assert.Contains("was still being written", reader.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Mp4WithoutItsIndex_SaysThatItMayStillBeWritten()
    {
        await MakeAsync("whole.mp4");
        byte[] film = await File.ReadAllBytesAsync(_folder["whole.mp4"]);
        await File.WriteAllBytesAsync(_folder["unfinished.mp4"], film[..(film.Length / 2)]);

        (SourceReader reader, _) = await ReadAsync("unfinished.mp4");

        Assert.Equal(SourceState.Failed, reader.State);
        Assert.Contains("or still being written: it was changed a moment ago", reader.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FileOfLongAgoThatIsNoVideo_DoesNotSaySo()
    {
        await File.WriteAllTextAsync(_folder["old.mp4"], "no video");
        File.SetLastWriteTimeUtc(_folder["old.mp4"], DateTime.UnixEpoch);

        (SourceReader reader, _) = await ReadAsync("old.mp4");

        Assert.EndsWith("of an unknown format.", reader.Failure, StringComparison.Ordinal);
    }

    /// <summary>Twenty frames of the sample video, two seconds.</summary>
    private async Task MakeAsync(string name, params string[] options)
    {
        CommandResult result = await Command.RunAsync(
            "ffmpeg",
            [
                "-v", "error", "-i", Repository.SampleVideo, "-frames:v", "20", "-an", .. options,
                "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-threads", "1", _folder[name],
            ]);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    private void Join(string name, params IEnumerable<string> parts) =>
        File.WriteAllBytes(_folder[name], [.. parts.SelectMany(part => File.ReadAllBytes(_folder[part]))]);

    private async Task<(SourceReader Reader, Recorder Recorder)> ReadAsync(string name)
    {
        var recorder = new Recorder();
        return (await ReadAsync(name, recorder), recorder);
    }

    private async Task<SourceReader> ReadAsync(string name, Recorder recorder)
    {
        using var pool = new FramePool(2);
        var reader = new SourceReader(SourceAddress.Parse(_folder[name]), "film", EveryFrame, pool, recorder, TimeProvider.System);
        reader.Start(CancellationToken.None);
        await reader.Completion;
        return reader;
    }

    /// <summary>The second part begins a segment, and FFmpeg loses a frame or two where they meet.</summary>
    private static void AssertOneBreak(Recorder recorder)
    {
        Assert.InRange(recorder.Frames.Count, 38, 40);
        Assert.Equal([0, 1], recorder.Segments.Distinct());
        Assert.InRange(recorder.Segments.Count(segment => segment == 0), 18, 20);
    }

    private static IEnumerable<double> Steps(Recorder recorder) =>
        recorder.Frames.Zip(recorder.Frames.Skip(1), (before, after) => (after.Time - before.Time).TotalMilliseconds);
}
