using Pipeline.Render.Tests.Encoding;
using Pipeline.Testing;

namespace Pipeline.Render.Tests.Recording;

public sealed class FragmentFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Video => _folder["video.mp4"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Append_FragmentsFromTheMiddle_PlayFromZeroWithoutAnError()
    {
        using FragmentCollector video = EncodedVideo.Collect(seconds: 6);

        Write(video.Fragments.SkipWhile(fragment => fragment.Start < TimeSpan.FromSeconds(4)));

        double[] times = await VideoProbe.FrameTimesAsync(Video);
        Assert.Equal(20, times.Length);
        Assert.All(times.Index(), frame => Assert.Equal(frame.Index / 10.0, frame.Item, 0.0005));
    }

    [Fact]
    public void Append_ClassesAreSeen_NamesThemAtTheEndOfTheFile()
    {
        using FragmentCollector video = EncodedVideo.Collect(seconds: 4, classAt: time => time switch { 1 => 3, 2.5 => 1, _ => null });

        Write(video.Fragments);

        using FileStream file = File.OpenRead(Video);
        RecordingNotes notes = RecordingNotes.ReadLast(file)!;
        Assert.Equal(("gate", EncodedVideo.Noon, 40L), (notes.Source, notes.Start, notes.Frames));
        Assert.Equal(EncodedVideo.Noon.AddSeconds(4), notes.End, TimeSpan.FromSeconds(0.1));
        Assert.Equal(["person", "car"], notes.Classes);
    }

    [Fact]
    public void Append_FileThatIsReadFasterThanItPlays_NotesHowLongItPlays()
    {
        using var made = new MadeFragments { Speed = 10 };

        Write(made.Make(0, 4));

        using FileStream file = File.OpenRead(Video);
        RecordingNotes notes = RecordingNotes.ReadLast(file)!;
        RecordingIndex index = RecordingIndex.Read(_folder.Path);
        Assert.Equal(TimeSpan.FromSeconds(4), index.Entry(Video, notes, file.Length).Duration);
        Assert.Equal(TimeSpan.FromSeconds(0.85), notes.End - notes.Start);
        Assert.Equal(TimeSpan.FromSeconds(0.85), index.Entry(Video, notes with { Plays = null }, file.Length).Duration);
    }

    [Fact]
    public async Task Scan_FileCutOffAnywhere_FindsWhatIsWhole()
    {
        using FragmentCollector video = EncodedVideo.Collect(seconds: 3, classAt: time => time == 2 ? 1 : null);
        Write(video.Fragments, complete: false);
        byte[] whole = await File.ReadAllBytesAsync(Video);
        var random = new Random(20261121);
        foreach (int length in Enumerable.Range(0, 40).Select(_ => random.Next(whole.Length + 1)).Append(0).Append(whole.Length))
        {
            await File.WriteAllBytesAsync(Video, whole[..length]);
            using FileStream file = File.OpenRead(Video);

            FragmentFileScan scan = FragmentFileScan.Read(file);

            Assert.InRange(scan.WholeLength, 0, length);
            Assert.Equal(FramesWithin(video, whole, length), scan.Frames);
        }
    }

    [Fact]
    public async Task Scan_WholeFile_KnowsItsDurationAndClasses()
    {
        using FragmentCollector video = EncodedVideo.Collect(seconds: 3, classAt: time => time == 2 ? 1 : null);
        Write(video.Fragments);

        await using FileStream file = File.OpenRead(Video);
        FragmentFileScan scan = FragmentFileScan.Read(file);

        Assert.Equal(file.Length, scan.WholeLength);
        Assert.Equal(30, scan.Frames);
        Assert.Equal(3, scan.Duration.TotalSeconds, 0.1);
        Assert.Equal(["person"], scan.Notes!.Classes);
    }

    [Fact]
    public void Scan_FileOfSomebodyElse_FindsNothing()
    {
        File.WriteAllBytes(Video, [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7))]);
        using FileStream file = File.OpenRead(Video);

        Assert.Equal(new FragmentFileScan(0, TimeSpan.Zero, 0, Notes: null), FragmentFileScan.Read(file));
        Assert.Null(RecordingNotes.ReadLast(file));
    }

    /// <summary>Counts fragments by looking for their pictures' bytes in the file.</summary>
    private static long FramesWithin(FragmentCollector video, byte[] whole, int length)
    {
        long frames = 0;
        int from = 0;
        foreach (EncodedFragment fragment in video.Fragments)
        {
            ReadOnlySpan<byte> pictures = fragment.Bytes.Span[fragment.HeadLength..];
            from += whole.AsSpan(from).IndexOf(pictures) + pictures.Length;
            frames += from <= length ? fragment.Frames : 0;
        }

        return frames;
    }

    private void Write(IEnumerable<EncodedFragment> fragments, bool complete = true)
    {
        EncodedFragment[] all = [.. fragments];
        using FragmentFile file = FragmentFile.Create(Video, "gate", EncodedVideo.Labels, all[0]);
        Array.ForEach(all, file.Append);
        if (complete)
        {
            file.Complete();
        }
    }
}
