namespace Pipeline.Render;

/// <summary>
/// The recordings of a folder, made from the files themselves: there is nothing beside them that could be lost or contradict
/// them. Any number of threads may use it.
/// </summary>
public sealed class RecordingIndex
{
    /// <summary>All files, but for those in a folder that may not be looked into: lost+found, on a disk of its own.</summary>
    private static readonly EnumerationOptions Accessible = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true };

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Recording> _recordings = new(StringComparer.Ordinal);

    private RecordingIndex(string folder) => Folder = folder;

    /// <summary>The folder, as a full path.</summary>
    public string Folder { get; }

    /// <summary>Reads a folder. It is only read, so a running program may be writing into it.</summary>
    /// <param name="folder">The folder; one that does not exist has no recordings.</param>
    public static RecordingIndex Read(string folder)
    {
        var index = new RecordingIndex(Path.GetFullPath(folder));
        index.Reload();
        return index;
    }

    /// <summary>The recordings that a query wants, oldest first.</summary>
    public IReadOnlyList<Recording> Find(RecordingQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        lock (_gate)
        {
            IEnumerable<Recording> wanted = _recordings.Values.Where(query.Wants).OrderBy(recording => recording.Start);
            return [.. query.Limit is { } limit ? wanted.TakeLast(limit) : wanted];
        }
    }

    /// <summary>The recording of a path, from the folder on; null where there is none.</summary>
    public Recording? Get(string path)
    {
        lock (_gate)
        {
            return _recordings.GetValueOrDefault(path);
        }
    }

    /// <summary>Reads all files anew.</summary>
    internal void Reload()
    {
        Recording[] recordings = [.. FilesIn(Folder).Select(Describe).OfType<Recording>()];
        lock (_gate)
        {
            _recordings.Clear();
            foreach (Recording recording in recordings)
            {
                _recordings[recording.Path] = recording;
            }
        }
    }

    /// <summary>Adds a recording, or replaces the one of its path.</summary>
    internal void Add(Recording recording)
    {
        lock (_gate)
        {
            _recordings[recording.Path] = recording;
        }
    }

    /// <summary>Adds what a file says of itself, where it is a recording.</summary>
    /// <param name="path">The full path.</param>
    internal void AddFile(string path)
    {
        if (Describe(path) is { } recording)
        {
            Add(recording);
        }
    }

    /// <summary>Forgets a recording.</summary>
    internal void Remove(Recording recording)
    {
        lock (_gate)
        {
            _recordings.Remove(recording.Path);
        }
    }

    /// <summary>The entry of a file, from what it says of itself.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="notes">What the file says.</param>
    /// <param name="bytes">Its size.</param>
    internal Recording Entry(string path, RecordingNotes notes, long bytes) => new(
        Path.GetRelativePath(Folder, path),
        notes.Source,
        notes.Start,
        notes.End,
        notes.Plays ?? notes.End - notes.Start,
        notes.Frames,
        notes.Classes,
        bytes,
        path.EndsWith(RecordingName.Partial, StringComparison.Ordinal));

    /// <summary>Everything in a folder that may be a recording: one folder for each source, files in it.</summary>
    internal static IEnumerable<string> FilesIn(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateDirectories(folder).SelectMany(source => Directory.EnumerateFiles(source, "*", Accessible).Where(MayBeRecording))
        : [];

    private static bool MayBeRecording(string path) =>
        path.EndsWith(RecordingName.Ending, StringComparison.Ordinal)
        || path.EndsWith(RecordingName.Ending + RecordingName.Partial, StringComparison.Ordinal);

    /// <summary>The entry of a file; null where it is none of ours, or can't be read.</summary>
    private Recording? Describe(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            RecordingNotes? notes = RecordingNotes.ReadLast(file);
            if (notes is null)
            {
                FragmentFileScan scan = FragmentFileScan.Read(file);
                notes = scan.Notes is null ? null : scan.NotesOr("", default);
            }

            return notes is null ? null : Entry(path, notes, file.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
