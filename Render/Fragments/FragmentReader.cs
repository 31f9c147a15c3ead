using System.Buffers;

namespace Pipeline.Render;

/// <summary>Takes a fragmented MP4 apart as it comes out of an encoder. One thread at a time.</summary>
internal sealed class FragmentReader
{
    /// <summary>More than a quarter of a second of 4K can have; a box beyond it is a mistake, not video.</summary>
    private const int LongestBox = 64 << 20;

    private readonly Stream _stream;
    private readonly byte[] _head = new byte[Mp4Box.HeadLength];
    private byte[] _moof = new byte[1024];

    /// <summary>Makes a reader; the stream stays its owner's.</summary>
    public FragmentReader(Stream stream) => _stream = stream;

    /// <summary>Reads up to the first fragment.</summary>
    /// <returns>Null where the stream ends before.</returns>
    /// <exception cref="InvalidDataException">It is no fragmented MP4.</exception>
    public InitSegment? ReadInit()
    {
        using var bytes = new MemoryStream();
        while (TryReadBox(out Mp4Box box))
        {
            byte[] content = new byte[box.ContentLength];
            if (!TryFill(content))
            {
                return null;
            }

            bytes.Write(_head);
            bytes.Write(content);
            if (box.Type == Mp4Box.Movie)
            {
                return new InitSegment(bytes.ToArray());
            }
        }

        return null;
    }

    /// <summary>Reads the next fragment; it blocks until there is one.</summary>
    /// <returns>
    /// Its memory, rented from the shared pool and now the caller's, and what it says; null where the stream ends, if in the middle of it.
    /// </returns>
    /// <exception cref="InvalidDataException">It is no fragment.</exception>
    public RawFragment? ReadFragment()
    {
        int headLength = 0;
        while (TryReadBox(out Mp4Box box))
        {
            if (box.Type == Mp4Box.MovieFragment)
            {
                headLength = (int)box.Length;
                if (!TryReadHead(headLength))
                {
                    return null;
                }
            }
            else if (box.Type == Mp4Box.MediaData && headLength > 0)
            {
                return ReadData(headLength, (int)box.Length);
            }
            else if (!TryPass(box))
            {
                return null;
            }
        }

        return null;
    }

    private bool TryReadHead(int length)
    {
        if (_moof.Length < length)
        {
            _moof = new byte[length];
        }

        _head.CopyTo(_moof, 0);
        return TryFill(_moof.AsSpan(_head.Length..length));
    }

    private RawFragment? ReadData(int headLength, int dataLength)
    {
        MovieFragment head = MovieFragment.Parse(_moof.AsSpan(0, headLength));
        int length = headLength + dataLength;
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        _moof.AsSpan(0, headLength).CopyTo(rented);
        _head.CopyTo(rented, headLength);
        if (TryFill(rented.AsSpan((headLength + _head.Length)..length)))
        {
            return new RawFragment(rented, length, head, headLength);
        }

        ArrayPool<byte>.Shared.Return(rented);
        return null;
    }

    private bool TryPass(in Mp4Box box)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent((int)box.ContentLength);
        bool isThere = TryFill(rented.AsSpan(0, (int)box.ContentLength));
        ArrayPool<byte>.Shared.Return(rented);
        return isThere;
    }

    private bool TryReadBox(out Mp4Box box)
    {
        box = default;
        if (!TryFill(_head))
        {
            return false;
        }

        box = Mp4Box.Read(_head);
        return box.Length <= LongestBox ? true : throw new InvalidDataException($"A box of {box.Length} bytes is no video of ours.");
    }

    private bool TryFill(Span<byte> target) => _stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) == target.Length;
}

/// <summary>A fragment in memory rented from the shared pool.</summary>
/// <param name="Rented">The moof box, then the mdat box.</param>
/// <param name="Length">Bytes of both.</param>
/// <param name="Head">What the moof box says.</param>
/// <param name="HeadLength">Bytes of the moof box.</param>
internal sealed record RawFragment(byte[] Rented, int Length, MovieFragment Head, int HeadLength);
