namespace Pipeline.Render;

/// <summary>A recording in an archive.</summary>
/// <param name="Path">Its file, from the archive's folder on: "gate/2026-11-21T10-00-00.000Z.mp4".</param>
/// <param name="Source">The source's name.</param>
/// <param name="Start">When its first frame was captured, in UTC.</param>
/// <param name="End">When its last frame ends, in UTC.</param>
/// <param name="Duration">How long it plays. Of a file that is not from its first to its last frame's capture, which is as fast as it goes.</param>
/// <param name="Frames">Its frames.</param>
/// <param name="Classes">The names of the classes that were seen.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="IsOpen">Whether it is still being written, or was when its writer crashed.</param>
public sealed record Recording(
    string Path,
    string Source,
    DateTimeOffset Start,
    DateTimeOffset End,
    TimeSpan Duration,
    long Frames,
    IReadOnlyList<string> Classes,
    long Bytes,
    bool IsOpen);

/// <summary>Which recordings are wanted; null means any.</summary>
/// <param name="Source">Of this source.</param>
/// <param name="Class">On which this class was seen.</param>
/// <param name="From">That end after this.</param>
/// <param name="To">That begin before this.</param>
/// <param name="Limit">At most so many, the newest.</param>
public sealed record RecordingQuery(
    string? Source = null, string? Class = null, DateTimeOffset? From = null, DateTimeOffset? To = null, int? Limit = null)
{
    /// <summary>Whether a recording is wanted, the limit aside.</summary>
    public bool Wants(Recording recording) =>
        (Source is null || recording.Source.Equals(Source, StringComparison.OrdinalIgnoreCase))
        && (Class is null || recording.Classes.Contains(Class, StringComparer.OrdinalIgnoreCase))
        && (From is null || recording.End >= From)
        && (To is null || recording.Start <= To);
}
