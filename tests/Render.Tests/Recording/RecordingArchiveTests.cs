using Pipeline.Testing;

namespace Pipeline.Render.Tests.Recording;

/// <summary>What is kept, what is deleted, what is repaired; with made-up fragments and a clock that the test moves.</summary>
public sealed class RecordingArchiveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MadeFragments _made = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly LineLogger _log = new();
    private long _free = long.MaxValue;

    public RecordingArchiveTests() => _clock.Advance(MadeFragments.Noon - DateTimeOffset.UnixEpoch);

    public void Dispose()
    {
        _made.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Record_SegmentsByLength_AreNamedByTimeAndFollowEachOther()
    {
        using RecordingArchive archive = Open();

        Record(archive, "gate", seconds: 10, new SegmentLimits(TimeSpan.FromSeconds(4)));

        Assert.Equal(
            ["gate/2026-11-21T12-00-00.000Z.mp4", "gate/2026-11-21T12-00-04.000Z.mp4", "gate/2026-11-21T12-00-08.000Z.mp4"],
            Paths(archive));
        Assert.Equal([4, 4, 2], archive.Index.Find(new RecordingQuery()).Select(recording => (recording.End - recording.Start).TotalSeconds));
        Assert.Empty(Directory.EnumerateFiles(_folder["gate"], "*.partial"));
    }

    [Fact]
    public void Record_SegmentsBySize_BeginAnewAtTheNextKeyFrame()
    {
        using RecordingArchive archive = Open();

        Record(archive, "gate", seconds: 12, new SegmentLimits(TimeSpan.FromHours(1), Bytes: 6000), bytes: 1000);

        Assert.Equal([4, 4, 4], archive.Index.Find(new RecordingQuery()).Select(recording => (recording.End - recording.Start).TotalSeconds));
    }

    [Fact]
    public void Record_NameThatIsTaken_TakesTheNextMillisecond()
    {
        using RecordingArchive archive = Open();

        Record(archive, "gate", seconds: 2);
        Record(archive, "gate", seconds: 2);

        Assert.Equal(["gate/2026-11-21T12-00-00.000Z.mp4", "gate/2026-11-21T12-00-00.001Z.mp4"], Paths(archive));
    }

    [Fact]
    public void PathFor_SourcesOfOneFolderAtTheSameMoment_AreNeverTheSame()
    {
        using RecordingArchive archive = Open();
        string[] paths = new string[64];

        // Names that are the same as a folder's.
        Parallel.For(0, paths.Length, i => paths[i] = archive.PathFor(i % 2 == 0 ? "a b" : "a_b", MadeFragments.Noon));

        Assert.Distinct(paths);
    }

    [Fact]
    public async Task KeepHouse_DiskThatHangs_HoldsOneThreadAndNoMore()
    {
        using var goOn = new ManualResetEventSlim();
        int looks = 0;
        using RecordingArchive archive = RecordingArchive.Open(
            _folder.Path,
            new RetentionOptions(),
            _ =>
            {
                Interlocked.Increment(ref looks);
                goOn.Wait();
                return null;
            },
            _log,
            _clock);
        Task hanging = Task.Run(() => _clock.Advance(TimeSpan.FromSeconds(10)));
        SpinWait.SpinUntil(() => Volatile.Read(ref looks) == 1);

        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(1, looks);
        goOn.Set();
        await hanging;
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, looks);
    }

    [Theory]
    [InlineData("../etc", "_etc")]
    [InlineData("a/b c", "a_b_c")]
    [InlineData("..", "_")]
    [InlineData("cam-1.left_2", "cam-1.left_2")]
    public void Safe_AnySourceName_IsTheNameOfAFolder(string source, string expected) => Assert.Equal(expected, RecordingName.Safe(source));

    [Fact]
    public void KeepHouse_TooOld_DeletesTheOldestWhenItsTimeHasCome()
    {
        using RecordingArchive archive = Open(new RetentionOptions { Age = TimeSpan.FromMinutes(1) });
        Record(archive, "gate", seconds: 10, new SegmentLimits(TimeSpan.FromSeconds(4)));

        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(3, Paths(archive).Length);
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(["gate/2026-11-21T12-00-08.000Z.mp4"], Paths(archive));
        Assert.Single(Directory.EnumerateFiles(_folder["gate"]));
    }

    [Fact]
    public void KeepHouse_TooMuch_DeletesTheOldestOfAllSourcesButNeverTheOpenOne()
    {
        using RecordingArchive archive = Open(new RetentionOptions { Bytes = 1 });
        using FragmentRecorder open = Recorder(archive, "yard");
        foreach (EncodedFragment fragment in _made.Make(0, 4))
        {
            open.Take(fragment);
        }

        Record(archive, "gate", seconds: 4);
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Empty(Paths(archive));
        Assert.Single(Directory.EnumerateFiles(_folder["yard"], "*.partial"));
        open.Complete();
        Assert.Equal(["yard/2026-11-21T12-00-00.000Z.mp4"], Paths(archive));
    }

    [Fact]
    public void KeepHouse_FolderOfASourceWasRemoved_DeletesTheOthersAllTheSame()
    {
        using RecordingArchive archive = Open(new RetentionOptions { Age = TimeSpan.FromMinutes(1) });
        Record(archive, "gate", seconds: 4);
        Record(archive, "yard", seconds: 4);
        Directory.Delete(_folder["gate"], recursive: true);

        _clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Empty(Paths(archive));
        Assert.Empty(Directory.EnumerateFiles(_folder["yard"]));
        Assert.DoesNotContain(_log.Lines, line => line.Contains("can't be deleted", StringComparison.Ordinal));
    }

    [Fact]
    public void KeepHouse_DiskNearlyFull_DeletesTheOldestUntilEnoughIsFree()
    {
        using RecordingArchive archive = Open(new RetentionOptions { FreeBytes = 1000 });
        Record(archive, "gate", seconds: 10, new SegmentLimits(TimeSpan.FromSeconds(2)));
        FreeIsWhatFilesLeaveOf(capacity: 1000 + Bytes(archive) - 1);

        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(4, Paths(archive).Length);
        Assert.DoesNotContain("gate/2026-11-21T12-00-00.000Z.mp4", Paths(archive));
    }

    [Fact]
    public void Record_NoRoomAndNothingToDelete_IsDegradedUntilThereIsRoom()
    {
        using RecordingArchive archive = Open(new RetentionOptions { FreeBytes = 1000 });
        using FragmentRecorder recorder = Recorder(archive, "gate");
        _free = 999;

        Take(recorder, 0, 4);
        Assert.Equal(OutputState.Degraded, recorder.Health.State);
        Assert.Contains("are to stay free", recorder.Health.Failure!.Message, StringComparison.Ordinal);
        Assert.Single(_log.Lines, line => line.Contains("can't be written", StringComparison.Ordinal));

        _free = 1000;
        _clock.Advance(TimeSpan.FromSeconds(10));
        Take(recorder, 4, 8);
        recorder.Complete();

        Assert.Equal(OutputState.Ok, recorder.Health.State);
        Assert.Equal(["gate/2026-11-21T12-00-04.000Z.mp4"], Paths(archive));
    }

    [Fact]
    public void Open_FolderInUse_IsRefused()
    {
        using RecordingArchive archive = Open();

        Assert.Contains("another run", Assert.Throws<OutputException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AfterACrash_RepairsAndNamesWhatIsWhole()
    {
        CrashWhileRecording("gate", seconds: 6);
        string partial = Assert.Single(Directory.EnumerateFiles(_folder["gate"]));
        using (FileStream file = File.OpenWrite(partial))
        {
            file.SetLength(file.Length - 30);
        }

        using RecordingArchive archive = Open();

        Pipeline.Render.Recording recording = Assert.Single(archive.Index.Find(new RecordingQuery()));
        Assert.Equal(("gate/2026-11-21T12-00-00.000Z.mp4", "gate", false), (recording.Path, recording.Source, recording.IsOpen));
        Assert.Equal(5.5, (recording.End - recording.Start).TotalSeconds);
        Assert.Equal(["car"], recording.Classes);
        Assert.Contains(_log.Lines, line => line.Contains("is repaired: 5.5 s play", StringComparison.Ordinal));
    }

    [Fact]
    public void Open_LeftoverThatIsNoRecording_IsNamedAndLeft()
    {
        Directory.CreateDirectory(_folder["gate"]);
        File.WriteAllText(_folder["gate/notes.mp4.partial"], "something else altogether");

        using RecordingArchive archive = Open();

        Assert.True(File.Exists(_folder["gate/notes.mp4.partial"]));
        Assert.Contains(_log.Lines, line => line.Contains("can't be repaired", StringComparison.Ordinal));
        Assert.Empty(Paths(archive));
    }

    [Fact]
    public void Open_CrashBeforeTheFirstFragment_LeavesNothing()
    {
        EncodedFragment first = _made.Make(0, 2)[0];
        Directory.CreateDirectory(_folder["gate"]);
        FragmentFile.Create(_folder["gate/2026-11-21T12-00-00.000Z.mp4.partial"], "gate", EncodedVideo.Labels, first).Dispose();

        using RecordingArchive archive = Open();

        Assert.Empty(Directory.EnumerateFiles(_folder["gate"]));
    }

    [Fact]
    public void Read_AnyTime_MakesTheIndexFromTheFilesAlone()
    {
        using (RecordingArchive archive = Open())
        {
            Record(archive, "gate", seconds: 6, new SegmentLimits(TimeSpan.FromSeconds(2)));
            Record(archive, "yard", seconds: 2);
            Assert.Equivalent(archive.Index.Find(new RecordingQuery()), RecordingIndex.Read(_folder.Path).Find(new RecordingQuery()));
        }

        RecordingIndex index = RecordingIndex.Read(_folder.Path);
        Assert.Equal(3, index.Find(new RecordingQuery(Source: "Gate")).Count);
        Assert.Equal(["gate/2026-11-21T12-00-00.000Z.mp4"], index.Find(new RecordingQuery(Class: "car", Source: "gate")).Select(r => r.Path));
        Assert.Single(index.Find(new RecordingQuery(Limit: 1)));
        Assert.Equal(2, index.Find(new RecordingQuery(Source: "gate", From: MadeFragments.Noon.AddSeconds(3))).Count);
        Assert.Single(index.Find(new RecordingQuery(Source: "gate", To: MadeFragments.Noon.AddSeconds(1))));
        Assert.Empty(RecordingIndex.Read(_folder["nowhere"]).Find(new RecordingQuery()));
    }

    [Fact]
    public void Record_FolderIsRemoved_IsDegradedAndGoesOnInANewOne()
    {
        using RecordingArchive archive = Open();
        using FragmentRecorder recorder = Recorder(archive, "gate");
        Take(recorder, 0, 4);

        Directory.Delete(_folder["gate"], recursive: true);
        Take(recorder, 4, 6);
        Assert.Equal(OutputState.Degraded, recorder.Health.State);
        Assert.Contains("was removed", recorder.Health.Failure!.Message, StringComparison.Ordinal);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Take(recorder, 6, 8);
        recorder.Complete();

        Assert.Equal(OutputState.Ok, recorder.Health.State);
        Assert.Equal(["gate/2026-11-21T12-00-06.000Z.mp4"], Paths(archive));
    }

    [Fact]
    public void Record_OnEvents_MakesOneRecordingAnEvent()
    {
        using RecordingArchive archive = Open();
        var events = new EventOptions([3], TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        using (FragmentRecorder recorder = Recorder(archive, "gate", events: events))
        {
            Array.ForEach(_made.Make(0, 60, 100, (20, 3), (40, 3), (50, 1)), recorder.Take);
            recorder.Complete();
        }

        Assert.Equal(["gate/2026-11-21T12-00-18.000Z.mp4", "gate/2026-11-21T12-00-38.000Z.mp4"], Paths(archive));
    }

    private static string[] Paths(RecordingArchive archive) => [.. archive.Index.Find(new RecordingQuery()).Select(recording => recording.Path)];

    private static long Bytes(RecordingArchive archive) => archive.Index.Find(new RecordingQuery()).Sum(recording => recording.Bytes);

    private void FreeIsWhatFilesLeaveOf(long capacity) => _free = -capacity;

    private RecordingArchive Open(RetentionOptions? retention = null) =>
        RecordingArchive.Open(_folder.Path, retention ?? new RetentionOptions(), FreeBytes, _log, _clock);

    private long? FreeBytes(string folder) => _free >= 0
        ? _free
        : -_free - Directory.EnumerateFiles(folder, "*.mp4", SearchOption.AllDirectories).Sum(path => new FileInfo(path).Length);

    private FragmentRecorder Recorder(RecordingArchive archive, string source, SegmentLimits? limits = null, EventOptions? events = null) =>
        FragmentRecorder.IntoFolder(archive, source, limits ?? new SegmentLimits(TimeSpan.FromHours(1)), events, EncodedVideo.Labels, _log, _clock);

    private void Record(RecordingArchive archive, string source, int seconds, SegmentLimits? limits = null, int bytes = 100)
    {
        using FragmentRecorder recorder = Recorder(archive, source, limits);
        Array.ForEach(_made.Make(0, seconds, bytes, (1, 3)), recorder.Take);
        recorder.Complete();
    }

    private void Take(FragmentRecorder recorder, int from, int to) => Array.ForEach(_made.Make(from, to), recorder.Take);

    /// <summary>Leaves what a program leaves that is killed.</summary>
    private void CrashWhileRecording(string source, int seconds)
    {
        using RecordingArchive archive = Open();
        using FragmentRecorder recorder = Recorder(archive, source);
        Array.ForEach(_made.Make(0, seconds, 100, (1, 3)), recorder.Take);
    }
}
