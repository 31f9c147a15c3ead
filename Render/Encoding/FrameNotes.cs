using Pipeline.PostProcess;

namespace Pipeline.Render;

/// <summary>
/// What is known of the frames that are in an encoder, kept until they come out again in a fragment: one thread puts frames in,
/// another takes them out, in the same order. No lock, and no allocation once every place has been used.
/// </summary>
internal sealed class FrameNotes
{
    /// <summary>Frames that can be in an encoder: eight seconds of 120 a second. Real encoders hold a few.</summary>
    private const int Capacity = 1024;

    private readonly Note[] _notes = [.. Enumerable.Range(0, Capacity).Select(_ => new Note())];

    /// <summary>Notes put in so far; only the writing thread changes it.</summary>
    private long _added;

    /// <summary>Notes taken out so far; only the reading thread changes it.</summary>
    private long _taken;

    /// <summary>How many frames are in the encoder.</summary>
    public int Count => (int)(Volatile.Read(ref _added) - Volatile.Read(ref _taken));

    /// <summary>Notes a frame that goes in.</summary>
    /// <param name="capturedAt">When it was captured, in UTC.</param>
    /// <param name="detections">What was found on it.</param>
    /// <returns>False where there are so many inside that the encoder can't be working.</returns>
    public bool TryAdd(DateTimeOffset capturedAt, ReadOnlySpan<Detection> detections)
    {
        if (Count == Capacity)
        {
            return false;
        }

        Note note = _notes[_added % Capacity];
        note.CapturedAt = capturedAt;
        note.Classes.Clear();
        note.Classes.Add(detections);
        Volatile.Write(ref _added, _added + 1);
        return true;
    }

    /// <summary>Takes out the frames of a fragment.</summary>
    /// <param name="count">How many it has.</param>
    /// <returns>When the first was captured, and the classes on all of them.</returns>
    public (DateTimeOffset CapturedAt, ClassSet Classes) Take(int count)
    {
        var classes = new ClassSet();
        long first = _taken;
        long end = Math.Min(first + count, Volatile.Read(ref _added));
        DateTimeOffset capturedAt = _notes[first % Capacity].CapturedAt;
        for (long i = first; i < end; i++)
        {
            classes.Add(_notes[i % Capacity].Classes);
        }

        Volatile.Write(ref _taken, end);
        return (capturedAt, classes);
    }

    private sealed class Note
    {
        public DateTimeOffset CapturedAt { get; set; }

        public ClassSet Classes { get; } = new();
    }
}
