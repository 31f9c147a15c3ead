using Microsoft.Extensions.Logging;

namespace Pipeline.Render;

/// <summary>
/// A folder of recordings, one folder a source in it: names files, repairs what a crash left, keeps the index, and deletes the
/// oldest when there is too much. All recorders of a run share it; any number of threads may use it.
/// </summary>
public sealed partial class RecordingArchive : IDisposable
{
    private const string LockName = ".lock";

    /// <summary>How often what is kept is looked at, beside the beginning of each segment.</summary>
    private static readonly TimeSpan HouseKeeping = TimeSpan.FromSeconds(10);

    private readonly Func<string, long?> _freeBytes;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly FileStream _lock;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly List<FragmentFile> _open = [];

    /// <summary>Files that were given up, and are completed as soon as they can be.</summary>
    private readonly List<FragmentFile> _left = [];

    private volatile RetentionOptions _retention;

    /// <summary>Why nothing may be recorded at present; null where it may.</summary>
    private volatile string? _noRoom;

    /// <summary>What could not be deleted at the last look, which is said once; null where all could.</summary>
    private string? _undeletable;

    private RecordingArchive(
        string folder, FileStream theLock, RetentionOptions retention, Func<string, long?> freeBytes, ILogger logger, TimeProvider time)
    {
        Folder = folder;
        _lock = theLock;
        _retention = retention;
        _freeBytes = freeBytes;
        _logger = logger;
        _time = time;
        Index = RecordingIndex.Read(folder);
        _timer = time.CreateTimer(_ => KeepHouseOrTell(), state: null, HouseKeeping, HouseKeeping);
    }

    /// <summary>The folder, as a full path.</summary>
    public string Folder { get; }

    /// <summary>The recordings in it, but for those being written.</summary>
    public RecordingIndex Index { get; }

    /// <summary>Opens a folder, makes it where it is missing, and repairs what a crash left in it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="retention">What is kept.</param>
    /// <param name="logger">The log.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="OutputException">It can't be written or read, or another run records into it.</exception>
    public static RecordingArchive Open(string folder, RetentionOptions retention, ILogger logger, TimeProvider time) =>
        Open(folder, retention, FreeBytesOf, logger, time);

    internal static RecordingArchive Open(
        string folder, RetentionOptions retention, Func<string, long?> freeBytes, ILogger logger, TimeProvider time)
    {
        string path = Path.GetFullPath(folder);
        FileStream theLock = Lock(path);
        try
        {
            RecordingSweep.Run(path, logger);
            return new RecordingArchive(path, theLock, retention, freeBytes, logger, time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            theLock.Dispose();
            throw new OutputException($"'{folder}' can't be read: {e.Message} Choose another folder, or mend its permissions.", e);
        }
    }

    /// <summary>Changes what is kept, from the next look at it on.</summary>
    public void Change(RetentionOptions retention) => _retention = retention;

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _lock.Dispose();
    }

    /// <summary>Where a recording is written that begins now; its folder is made.</summary>
    internal string PathFor(string source, DateTimeOffset start)
    {
        while (true)
        {
            string path = Path.Combine(Folder, RecordingName.For(source, start));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            lock (_gate)
            {
                // Created under the lock, so that no other source whose name makes the same folder takes it too.
                if (!File.Exists(path) && !File.Exists(path + RecordingName.Partial))
                {
                    File.Create(path + RecordingName.Partial).Dispose();
                    return path + RecordingName.Partial;
                }
            }

            start += TimeSpan.FromMilliseconds(1);
        }
    }

    /// <summary>A file is being written.</summary>
    internal void Add(FragmentFile file)
    {
        lock (_gate)
        {
            _open.Add(file);
        }
    }

    /// <summary>A file is complete: closes it and gives it its final name.</summary>
    /// <exception cref="IOException">It can't be renamed.</exception>
    internal void Complete(FragmentFile file)
    {
        string path = file.Path[..^RecordingName.Partial.Length];
        File.Move(file.Path, path);
        lock (_gate)
        {
            // At once, or its bytes would count twice.
            _open.Remove(file);
            Index.Add(Index.Entry(path, file.Notes, file.Length));
        }

        file.Dispose();
        Log.Complete(_logger, path, file.Duration.TotalSeconds, file.Length);
    }

    /// <summary>A file is given up: closes it as it is. From then on the archive tries to complete it.</summary>
    internal void Abandon(FragmentFile file)
    {
        file.Dispose();
        lock (_gate)
        {
            _open.Remove(file);
            _left.Add(file);
        }
    }

    /// <summary>Fails where nothing may be recorded. It looks at the disk again before it says so.</summary>
    /// <exception cref="OutputException">There is no room.</exception>
    internal void RequireRoom()
    {
        if (_noRoom is not null)
        {
            KeepHouse();
            if (_noRoom is { } reason)
            {
                throw new OutputException(reason);
            }
        }
    }

    /// <summary>Deletes the oldest recordings until what is kept is what is to be kept.</summary>
    internal void KeepHouse()
    {
        lock (_gate)
        {
            Forget();
            _left.RemoveAll(TryFinish);
            DeleteOldest();
            _noRoom = _freeBytes(Folder) is { } free && free < _retention.FreeBytes
                ? $"the disk of '{Folder}' has {free >> 20} MiB left, of which {_retention.FreeBytes >> 20} MiB are to stay free, and there is nothing old to delete."
                : null;
        }
    }

    /// <summary>On the timer's thread, where nobody else would hear of a failure.</summary>
    private void KeepHouseOrTell()
    {
        if (!_gate.TryEnter())
        {
            // A look that hangs with its disk must not gather the threads of all later ones behind it.
            return;
        }

        try
        {
            KeepHouse();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Tell(Folder, e);
        }
        finally
        {
            _gate.Exit();
        }
    }

    private static FileStream Lock(string folder)
    {
        string path = Path.Combine(folder, LockName);
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException($"'{folder}' can't be made for recordings: {e.Message}", e);
        }

        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new OutputException($"'{folder}' can't be written: {e.Message} Choose another folder, or mend its permissions.", e);
        }
        catch (IOException e)
        {
            throw new OutputException(
                $"'{folder}' can't be recorded into: {e.Message} If another run records into it, give this one a folder of its own.", e);
        }
    }

    /// <summary>What the disk of a folder has left; null where nobody can say.</summary>
    private static long? FreeBytesOf(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void DeleteOldest()
    {
        var oldestFirst = new Queue<Recording>(Index.Find(new RecordingQuery()).Where(recording => !recording.IsOpen));
        long bytes = oldestFirst.Sum(recording => recording.Bytes) + _open.Concat(_left).Sum(file => file.Length);
        int deleted = 0;
        (string Path, Exception Failure)? undeletable = null;
        while (MustDelete(oldestFirst, bytes) && oldestFirst.TryDequeue(out Recording? oldest))
        {
            // One that can't be deleted costs no newer one its place.
            bytes -= oldest.Bytes;
            if (TryDelete(oldest) is { } failure)
            {
                undeletable ??= (oldest.Path, failure);
            }
            else
            {
                deleted++;
            }
        }

        if (deleted > 0)
        {
            Log.Deleted(_logger, deleted, Folder);
        }

        if (undeletable is { } first)
        {
            Tell(first.Path, first.Failure);
        }
        else
        {
            _undeletable = null;
        }
    }

    private bool MustDelete(Queue<Recording> oldestFirst, long bytes) =>
        oldestFirst.TryPeek(out Recording? oldest)
        && (oldest.End < _time.GetUtcNow() - _retention.Age
            || bytes > _retention.Bytes
            || _freeBytes(Folder) < _retention.FreeBytes);

    /// <returns>Why it is still there; null where it is gone.</returns>
    private Exception? TryDelete(Recording recording)
    {
        try
        {
            File.Delete(Path.Combine(Folder, recording.Path));
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody took the source's whole folder away, and with it this recording.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e;
        }

        Index.Remove(recording);
        return null;
    }

    /// <summary>Says once what can't be deleted.</summary>
    private void Tell(string path, Exception failure)
    {
        if (path != _undeletable)
        {
            Log.CannotDelete(_logger, path, failure.Message);
        }

        _undeletable = path;
    }

    /// <summary>Completes a file that was given up.</summary>
    /// <returns>Whether nothing is left to do: it is complete, or not there any more.</returns>
    private bool TryFinish(FragmentFile file)
    {
        try
        {
            if (RecordingSweep.Finish(file.Path, _logger) is { } path)
            {
                Index.AddFile(path);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What kept its recorder from it still does; the recorder's health has said so.
            return e is FileNotFoundException or DirectoryNotFoundException;
        }
    }

    /// <summary>Where somebody took the whole folder away, its recordings are gone from the index too.</summary>
    private void Forget()
    {
        if (!Directory.Exists(Folder))
        {
            Index.Reload();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(80, LogLevel.Debug, "{Path}: {Seconds:F1} s, {Bytes} bytes.")]
        public static partial void Complete(ILogger logger, string path, double seconds, long bytes);

        [LoggerMessage(81, LogLevel.Debug, "The {Count} oldest recordings in {Folder} are deleted, to make room.")]
        public static partial void Deleted(ILogger logger, int count, string folder);

        [LoggerMessage(82, LogLevel.Warning, "What is too old or too much can't be deleted: {Path}: {Reason}")]
        public static partial void CannotDelete(ILogger logger, string path, string reason);
    }
}
