using Pipeline.Testing;

namespace Pipeline.Render.Tests.Recording;

/// <summary>Half an hour of real video, encoded as fast as it goes, while the clock moves with it.</summary>
public sealed class ThirtyMinutesTests : IDisposable
{
    private const int Seconds = 1800;
    private const int Rate = 2;

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _clock = new();

    public ThirtyMinutesTests() => _clock.Advance(EncodedVideo.Noon - DateTimeOffset.UnixEpoch);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Record_HalfAnHour_RotatesAndKeepsTenMinutesWithEveryFrame()
    {
        var retention = new RetentionOptions { Age = TimeSpan.FromMinutes(10) };
        using RecordingArchive archive = RecordingArchive.Open(_folder.Path, retention, new LineLogger(), _clock);
        var written = new List<double>();
        using (FragmentRecorder recorder = FragmentRecorder.IntoFolder(
            archive, "gate", new SegmentLimits(TimeSpan.FromMinutes(1)), events: null, EncodedVideo.Labels, new LineLogger(), _clock))
        {
            EncodedVideo.Encode(Seconds, Rate, fragment => Record(recorder, fragment, archive, written), time => time == 1234 ? 2 : null);
            recorder.Complete();
        }

        Assert.Equal(30, written.Distinct().Count());
        IReadOnlyList<Pipeline.Render.Recording> kept = archive.Index.Find(new RecordingQuery());
        Assert.InRange(kept.Count, 10, 11);
        Assert.Equal(EncodedVideo.Noon.AddSeconds(Seconds), kept[^1].End, TimeSpan.FromSeconds(1));
        Assert.All(kept.Zip(kept.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start, TimeSpan.FromMilliseconds(1)));
        Assert.Equal(EncodedVideo.Noon.AddMinutes(20), Assert.Single(kept, recording => recording.Classes.Contains("bicycle")).Start);
        foreach (Pipeline.Render.Recording recording in kept)
        {
            double[] times = await VideoProbe.FrameTimesAsync(_folder[recording.Path]);
            Assert.Equal(Enumerable.Range(0, 60 * Rate).Select(i => i / (double)Rate), times);
        }
    }

    /// <summary>Moves the clock to the end of a fragment, records it, and notes which segments there are.</summary>
    private void Record(FragmentRecorder recorder, EncodedFragment fragment, RecordingArchive archive, List<double> written)
    {
        _clock.Advance(EncodedVideo.Noon + fragment.End - _clock.GetUtcNow());
        recorder.Take(fragment);
        fragment.Release();
        written.AddRange(archive.Index.Find(new RecordingQuery()).Select(recording => (recording.Start - EncodedVideo.Noon).TotalMinutes));
        if (fragment.End >= TimeSpan.FromSeconds(Seconds) - TimeSpan.FromSeconds(1))
        {
            written.Add(Math.Floor(fragment.Start.TotalMinutes));
        }
    }
}
