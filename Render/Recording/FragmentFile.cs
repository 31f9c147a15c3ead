using Microsoft.Win32.SafeHandles;
using Pipeline.PostProcess;

namespace Pipeline.Render;

/// <summary>
/// One video file that is being recorded: fragmented MP4, each fragment written with one call to the system as soon as it is
/// there, so that a crash loses nothing that was written. Its times begin at zero. One thread at a time.
/// </summary>
internal sealed class FragmentFile : IDisposable
{
    private readonly string _source;
    private readonly LabelMap _labels;
    private readonly DateTimeOffset _startedAt;
    private readonly long _startTicks;
    private readonly ClassSet _classes = new();
    private readonly SafeFileHandle _file;
    private readonly ReadOnlyMemory<byte>[] _parts = new ReadOnlyMemory<byte>[2];
    private byte[] _head = new byte[1024];
    private InitSegment _init;
    private uint _fragments;
    private long _nextNumber;
    private long _endTicks;
    private long _frames;
    private DateTimeOffset _endedAt;

    private FragmentFile(string path, SafeFileHandle file, string source, LabelMap labels, EncodedFragment first)
    {
        Path = path;
        _file = file;
        _source = source;
        _labels = labels;
        _init = first.Init;
        _startedAt = _endedAt = first.CapturedAt;
        _startTicks = _endTicks = first.StartTicks;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; private set; }

    /// <summary>How long it plays.</summary>
    public TimeSpan Duration => MovieFragment.TimeOf(_endTicks - _startTicks);

    /// <summary>What the file says of itself.</summary>
    public RecordingNotes Notes => new(_source, _startedAt, _endedAt, _frames, [.. _classes.Ids.Select(id => _labels[id])], Duration);

    /// <summary>Creates a file, and writes what stands before the first fragment.</summary>
    /// <param name="path">The file; one of that name is replaced.</param>
    /// <param name="source">The source's name.</param>
    /// <param name="labels">The names of the classes.</param>
    /// <param name="first">The fragment that will be the first; it is not written yet.</param>
    /// <param name="share">What else this program, in whatever process, may do with the file meanwhile.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static FragmentFile Create(string path, string source, LabelMap labels, EncodedFragment first, FileShare share = FileShare.Read)
    {
        SafeFileHandle handle = File.OpenHandle(path, FileMode.Create, FileAccess.Write, share);
        var file = new FragmentFile(path, handle, source, labels, first);
        try
        {
            file.Write(first.Init.Bytes);
            file.Write(file.Notes.ToBox());
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether a fragment can stand here, now: it belongs to the same stream, and can be decoded after what is there.</summary>
    public bool CanTake(EncodedFragment fragment) =>
        fragment.Init.IsSameAs(_init)
        && fragment.StartTicks >= _endTicks
        && (fragment.StartsWithKeyFrame || (fragment.Number == _nextNumber && ReferenceEquals(fragment.Init, _init)));

    /// <summary>Writes a fragment.</summary>
    /// <exception cref="IOException">It could not be written; the file ends before it.</exception>
    public void Append(EncodedFragment fragment)
    {
        if (_head.Length < fragment.HeadLength)
        {
            _head = new byte[fragment.HeadLength];
        }

        fragment.CopyHead(_head, _fragments + 1, fragment.StartTicks - _startTicks);
        _parts[0] = _head.AsMemory(0, fragment.HeadLength);
        _parts[1] = fragment.Bytes[fragment.HeadLength..];
        Write(_parts, fragment.Bytes.Length);
        _init = fragment.Init;
        _nextNumber = fragment.Number + 1;
        _endTicks = fragment.EndTicks;
        _endedAt = fragment.CapturedAt + fragment.Duration;
        _fragments++;
        _frames += fragment.Frames;
        NoteClasses(fragment.Classes);
    }

    /// <summary>Writes the last notes and sees to it that the disk has everything.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Complete()
    {
        Write(Notes.ToBox());
        RandomAccess.FlushToDisk(_file);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void NoteClasses(ClassSet seen)
    {
        int before = _classes.Count;
        _classes.Add(seen);
        if (_classes.Count > before)
        {
            Write(Notes.ToBox());
        }
    }

    private void Write(ReadOnlyMemory<byte> bytes)
    {
        _parts[0] = bytes;
        _parts[1] = default;
        Write(_parts, bytes.Length);
    }

    private void Write(ReadOnlyMemory<byte>[] parts, int length)
    {
        try
        {
            RandomAccess.Write(_file, parts, Length);
            Length += length;
        }
        catch (IOException)
        {
            CutOff();
            throw;
        }
    }

    /// <summary>Takes away what a failed write has left behind the last whole box.</summary>
    private void CutOff()
    {
        try
        {
            RandomAccess.SetLength(_file, Length);
        }
        catch (IOException)
        {
            // Then the sweep at the next start does it.
        }
    }
}
