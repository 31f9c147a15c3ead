namespace Pipeline.Render;

/// <summary>
/// Reads a fragmented MP4 file of ours from its beginning, box by box: how much of it is whole, and what it says. It is what
/// repairs a file that a crash cut off.
/// </summary>
/// <param name="WholeLength">Bytes up to the end of the last whole fragment or note; 0 where there is no whole fragment.</param>
/// <param name="Duration">How long the whole fragments play.</param>
/// <param name="Frames">Their frames.</param>
/// <param name="Notes">The last notes; null where there are none.</param>
internal sealed record FragmentFileScan(long WholeLength, TimeSpan Duration, long Frames, RecordingNotes? Notes)
{
    /// <summary>Longer boxes of these kinds are not ours.</summary>
    private const int LongestReadBox = 1 << 20;

    /// <summary>Reads a file.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    public static FragmentFileScan Read(FileStream file)
    {
        var scan = new FragmentFileScan(0, TimeSpan.Zero, 0, Notes: null);
        byte[] head = new byte[Mp4Box.HeadLength];
        MovieFragment? pending = null;
        long offset = 0;
        try
        {
            while (offset + Mp4Box.HeadLength <= file.Length)
            {
                file.Position = offset;
                file.ReadExactly(head);
                Mp4Box box = Mp4Box.Read(head);
                if (offset + box.Length > file.Length)
                {
                    break;
                }

                (scan, pending) = scan.With(file, box, offset, pending);
                offset += box.Length;
            }
        }
        catch (InvalidDataException)
        {
            // What is no box is where the crash was.
        }

        return scan;
    }

    /// <summary>What the file says of itself, from what is whole of it; of what is in the file's name where it says nothing.</summary>
    /// <param name="source">The source's name.</param>
    /// <param name="start">When it began.</param>
    public RecordingNotes NotesOr(string source, DateTimeOffset start) => Notes is { } notes
        ? notes with { End = notes.Start + Duration, Frames = Frames, Plays = Duration }
        : new RecordingNotes(source, start, start + Duration, Frames, [], Duration);

    private (FragmentFileScan Scan, MovieFragment? Pending) With(FileStream file, Mp4Box box, long offset, MovieFragment? pending)
    {
        switch (box.Type)
        {
            case Mp4Box.MovieFragment:
                return (this, MovieFragment.Parse(ReadWhole(file, box, offset)));
            case Mp4Box.MediaData when pending is { } head:
                TimeSpan end = MovieFragment.TimeOf(head.Start + head.Duration);
                return (this with { WholeLength = offset + box.Length, Duration = end, Frames = Frames + head.Frames }, null);
            case Mp4Box.Own when RecordingNotes.Parse(ReadWhole(file, box, offset)) is { } notes:
                return (this with { WholeLength = Frames > 0 ? offset + box.Length : 0, Notes = notes }, null);
            default:
                return (this, null);
        }
    }

    private static byte[] ReadWhole(FileStream file, Mp4Box box, long offset)
    {
        if (box.Length > LongestReadBox)
        {
            throw new InvalidDataException($"A box of {box.Length} bytes is none of ours.");
        }

        byte[] bytes = new byte[box.Length];
        file.Position = offset;
        file.ReadExactly(bytes);
        return bytes;
    }
}
