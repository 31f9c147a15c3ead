using System.Buffers.Binary;

namespace Pipeline.Render;

/// <summary>The head of a box of an MP4 file: its length and what it is (ISO/IEC 14496-12, 4.2).</summary>
/// <param name="Type">Four letters as one number, the first in the highest byte.</param>
/// <param name="Length">Bytes of the whole box, head included.</param>
internal readonly record struct Mp4Box(uint Type, long Length)
{
    /// <summary>Bytes of a head. The form with a length of 64 bits is not used by the boxes that we read.</summary>
    public const int HeadLength = 8;

    /// <summary>ftyp, the file's first box.</summary>
    public const uint FileType = 0x66747970;

    /// <summary>moov: what the track is and how it is to be decoded.</summary>
    public const uint Movie = 0x6D6F6F76;

    /// <summary>moof: the times and lengths of a fragment's frames.</summary>
    public const uint MovieFragment = 0x6D6F6F66;

    /// <summary>mdat: the frames themselves.</summary>
    public const uint MediaData = 0x6D646174;

    /// <summary>uuid: something of the writer's own, which players pass over.</summary>
    public const uint Own = 0x75756964;

    /// <summary>Bytes of the content.</summary>
    public long ContentLength => Length - HeadLength;

    /// <summary>Reads a head.</summary>
    /// <param name="bytes">At least <see cref="HeadLength"/> bytes.</param>
    /// <exception cref="InvalidDataException">The length can't be.</exception>
    public static Mp4Box Read(ReadOnlySpan<byte> bytes)
    {
        uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return length >= HeadLength
            ? new Mp4Box(BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), length)
            : throw new InvalidDataException($"A box of {length} bytes can't be.");
    }

    /// <summary>Writes a head.</summary>
    /// <param name="target">At least <see cref="HeadLength"/> bytes.</param>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, checked((uint)Length));
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], Type);
    }
}
