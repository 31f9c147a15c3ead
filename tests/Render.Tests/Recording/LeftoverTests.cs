using Pipeline.Testing;

namespace Pipeline.Render.Tests.Recording;

/// <summary>Recordings that can't be completed when they should be.</summary>
public sealed class LeftoverTests : IDisposable
{
    private const string First = "gate/2026-11-21T12-00-00.000Z.mp4";

    private readonly TemporaryFolder _folder = new();
    private readonly MadeFragments _made = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly LineLogger _log = new();

    public LeftoverTests() => _clock.Advance(MadeFragments.Noon - DateTimeOffset.UnixEpoch);

    public void Dispose()
    {
        _made.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Abandon_RecordingThatCantBeCompleted_IsCompletedOnceItCanBe()
    {
        using RecordingArchive archive = Open(new RetentionOptions());
        LeaveUnfinished(archive);
        long length = new FileInfo(_folder[$"{First}.partial"]).Length;

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(archive.Index.Find(new RecordingQuery()));
        Directory.Delete(_folder[First]);
        _clock.Advance(TimeSpan.FromSeconds(10));

        Pipeline.Render.Recording recording = Assert.Single(archive.Index.Find(new RecordingQuery()));
        Assert.Equal((First, 8, length, false), (recording.Path, recording.Frames, recording.Bytes, recording.IsOpen));
        Assert.Empty(Directory.EnumerateFiles(_folder["gate"], "*.partial"));
        Assert.Single(_log.Lines, line => line.Contains(First, StringComparison.Ordinal) && line.Contains("is repaired", StringComparison.Ordinal));
    }

    [Fact]
    public void KeepHouse_RecordingThatCantBeCompleted_CountsAsKept()
    {
        using RecordingArchive archive = Open(new RetentionOptions());
        LeaveUnfinished(archive);
        using (FragmentRecorder recorder = Recorder(archive, "yard"))
        {
            Array.ForEach(_made.Make(0, 4), recorder.Take);
            recorder.Complete();
        }

        long kept = Assert.Single(archive.Index.Find(new RecordingQuery())).Bytes;
        archive.Change(new RetentionOptions { Bytes = kept + 1 });
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Empty(archive.Index.Find(new RecordingQuery()));
        Assert.True(File.Exists(_folder[$"{First}.partial"]));
    }

    [Fact]
    public void KeepHouse_OldestCantBeDeleted_DeletesTheOthersAndSaysSoOnce()
    {
        using RecordingArchive archive = Open(new RetentionOptions());
        foreach (string source in (string[])["gate", "yard"])
        {
            using FragmentRecorder recorder = Recorder(archive, source);
            Array.ForEach(_made.Make(0, 4), recorder.Take);
            recorder.Complete();
        }

        // Not even root deletes a folder as a file.
        File.Delete(_folder[First]);
        Directory.CreateDirectory(_folder[First]);
        archive.Change(new RetentionOptions { Bytes = 1 });

        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([First], archive.Index.Find(new RecordingQuery()).Select(recording => recording.Path));
        Assert.Empty(Directory.EnumerateFiles(_folder["yard"]));
        Assert.Single(_log.Lines, line => line.Contains("can't be deleted", StringComparison.Ordinal));
    }

    /// <summary>A recording is written that can't have its name, since a folder has it.</summary>
    private void LeaveUnfinished(RecordingArchive archive)
    {
        using FragmentRecorder recorder = Recorder(archive, "gate");
        Array.ForEach(_made.Make(0, 4), recorder.Take);
        Directory.CreateDirectory(_folder[First]);
        recorder.Complete();
        Assert.Equal(OutputState.Degraded, recorder.Health.State);
    }

    private RecordingArchive Open(RetentionOptions retention) => RecordingArchive.Open(_folder.Path, retention, _ => null, _log, _clock);

    private FragmentRecorder Recorder(RecordingArchive archive, string source) => FragmentRecorder.IntoFolder(
        archive, source, new SegmentLimits(TimeSpan.FromHours(1)), events: null, EncodedVideo.Labels, _log, _clock);
}
