using Pipeline.Testing;

namespace Pipeline.Render.Tests.Recording;

/// <summary>Recording onto a real disk that is full or read-only for a while.</summary>
public sealed class DiskTests : IDisposable
{
    private const int DiskKiB = 2048;

    private readonly MadeFragments _made = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly LineLogger _log = new();

    public void Dispose() => _made.Dispose();

    [Fact]
    public async Task Record_DiskFullForAWhile_IsDegradedSaysSoOnceAndGoesOn()
    {
        using TemporaryDisk disk = await TemporaryDisk.CreateAsync(DiskKiB);
        await File.WriteAllBytesAsync(Path.Combine(disk.Path, "ballast"), new byte[1 << 20]);
        using RecordingArchive archive = Open(disk, freeBytes: 0);
        using FragmentRecorder recorder = Recorder(archive);

        Take(recorder, 0, 10);
        Assert.Equal(OutputState.Degraded, recorder.Health.State);
        Assert.Contains("No space left", recorder.Health.Failure!.Message, StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Take(recorder, 10, 12);
        Assert.Equal(OutputState.Degraded, recorder.Health.State);

        File.Delete(Path.Combine(disk.Path, "ballast"));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Take(recorder, 12, 14);
        recorder.Complete();

        Assert.Equal(OutputState.Ok, recorder.Health.State);
        Assert.Single(_log.Lines, line => line.Contains("can't be written", StringComparison.Ordinal) && !line.Contains("still", StringComparison.Ordinal));
        Assert.Single(_log.Lines, line => line.Contains("is written again", StringComparison.Ordinal));
        AssertWhole(archive, from: 4, to: 14);
    }

    [Fact]
    public async Task Record_DiskFullFromTheStart_LeavesNoFilesOfAttempts()
    {
        using TemporaryDisk disk = await TemporaryDisk.CreateAsync(DiskKiB);
        using RecordingArchive archive = Open(disk, freeBytes: 0);
        using FragmentRecorder recorder = Recorder(archive);
        await Assert.ThrowsAsync<IOException>(() => File.WriteAllBytesAsync(Path.Combine(disk.Path, "ballast"), new byte[2 * DiskKiB << 10]));

        for (int second = 0; second < 6; second += 2)
        {
            Take(recorder, second, second + 2);
            _clock.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(OutputState.Degraded, recorder.Health.State);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(archive.Folder, "gate")));
    }

    [Fact]
    public async Task Record_MoreThanTheDiskHolds_DeletesTheOldestAndNeverFails()
    {
        using TemporaryDisk disk = await TemporaryDisk.CreateAsync(DiskKiB);
        using RecordingArchive archive = Open(disk, freeBytes: 600 << 10);
        using FragmentRecorder recorder = Recorder(archive);
        for (int second = 0; second < 60; second += 2)
        {
            Take(recorder, second, second + 2);
            _clock.Advance(TimeSpan.FromSeconds(2));
        }

        recorder.Complete();

        Assert.Equal(OutputState.Ok, recorder.Health.State);
        Assert.DoesNotContain(_log.Lines, line => line.Contains("can't", StringComparison.Ordinal));
        Assert.InRange(archive.Index.Find(new RecordingQuery()).Count, 2, 4);
        AssertWhole(archive, from: 56, to: 60);
    }

    [Fact]
    public async Task Record_DiskReadOnlyForAWhile_IsDegradedAndGoesOn()
    {
        using TemporaryDisk disk = await TemporaryDisk.CreateAsync(DiskKiB);
        using RecordingArchive archive = Open(disk, freeBytes: 0);
        using FragmentRecorder recorder = Recorder(archive);
        Take(recorder, 0, 2);
        recorder.Complete();

        // With a file open for writing the system would refuse to make it read-only.
        archive.Dispose();
        await disk.SetReadOnlyAsync(true);
        Take(recorder, 2, 4);
        Assert.Equal(OutputState.Degraded, recorder.Health.State);
        Assert.Contains("Read-only", recorder.Health.Failure!.Message, StringComparison.OrdinalIgnoreCase);

        await disk.SetReadOnlyAsync(false);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Take(recorder, 4, 6);
        recorder.Complete();

        Assert.Equal(OutputState.Ok, recorder.Health.State);
        AssertWhole(archive, from: 4, to: 6);
    }

    /// <summary>The last recording has these seconds at its ends, and all of it is whole.</summary>
    private static void AssertWhole(RecordingArchive archive, int from, int to)
    {
        Pipeline.Render.Recording last = archive.Index.Find(new RecordingQuery())[^1];
        Assert.Equal((MadeFragments.Noon.AddSeconds(from), MadeFragments.Noon.AddSeconds(to)), (last.Start, last.End));
        using FileStream file = File.OpenRead(Path.Combine(archive.Folder, last.Path));
        FragmentFileScan scan = FragmentFileScan.Read(file);
        Assert.Equal(file.Length, scan.WholeLength);
        Assert.Equal(last.Frames, scan.Frames);
    }

    private RecordingArchive Open(TemporaryDisk disk, long freeBytes) =>
        RecordingArchive.Open(Path.Combine(disk.Path, "archive"), new RetentionOptions { FreeBytes = freeBytes }, _log, _clock);

    private FragmentRecorder Recorder(RecordingArchive archive) => FragmentRecorder.IntoFolder(
        archive, "gate", new SegmentLimits(TimeSpan.FromSeconds(4)), events: null, EncodedVideo.Labels, _log, _clock);

    /// <summary>Records seconds of 160 KB each.</summary>
    private void Take(FragmentRecorder recorder, int from, int to) => Array.ForEach(_made.Make(from, to, bytes: 80_000), recorder.Take);
}
