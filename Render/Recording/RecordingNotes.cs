using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Render;

/// <summary>
/// What a recording's file says of itself, in a uuid box that players pass over: one after the beginning, one whenever a class is
/// seen for the first time, and one as the last box, where it is found without reading the rest. So an index can always be
/// made from the files alone.
/// </summary>
/// <param name="Source">The source's name.</param>
/// <param name="Start">When the first frame was captured, in UTC.</param>
/// <param name="End">When the last frame ends, in UTC.</param>
/// <param name="Frames">Frames so far.</param>
/// <param name="Classes">The names of the classes seen so far.</param>
/// <param name="Plays">How long it plays so far; null in files of older versions.</param>
internal sealed partial record RecordingNotes(
    string Source, DateTimeOffset Start, DateTimeOffset End, long Frames, IReadOnlyList<string> Classes, TimeSpan? Plays = null)
{
    /// <summary>Bytes behind the JSON: the length of the whole box, so that the last box is found from the end of the file.</summary>
    public const int TailLength = sizeof(uint);

    private const int IdLength = 16;

    /// <summary>More than any such box can have.</summary>
    private const int LongestBox = 1 << 20;

    /// <summary>The id of our box.</summary>
    private static ReadOnlySpan<byte> Id => [0x53, 0x53, 0x44, 0x70, 0x72, 0x65, 0x63, 0x4E, 0xA1, 0x0B, 0x6C, 0x5E, 0x3D, 0x92, 0x47, 0x18];

    /// <summary>The notes as a box.</summary>
    public byte[] ToBox()
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(this, JsonContext.Default.RecordingNotes);
        byte[] box = new byte[Mp4Box.HeadLength + IdLength + json.Length + TailLength];
        new Mp4Box(Mp4Box.Own, box.Length).Write(box);
        Id.CopyTo(box.AsSpan(Mp4Box.HeadLength));
        json.CopyTo(box, Mp4Box.HeadLength + IdLength);
        BinaryPrimitives.WriteUInt32BigEndian(box.AsSpan(box.Length - TailLength), (uint)box.Length);
        return box;
    }

    /// <summary>Reads a box.</summary>
    /// <param name="box">The whole box.</param>
    /// <returns>Null where it is not ours, or broken.</returns>
    public static RecordingNotes? Parse(ReadOnlySpan<byte> box)
    {
        if (box.Length < Mp4Box.HeadLength + IdLength + TailLength || !box[Mp4Box.HeadLength..].StartsWith(Id))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(
                box[(Mp4Box.HeadLength + IdLength)..^TailLength], JsonContext.Default.RecordingNotes);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads the notes at the end of a complete recording.</summary>
    /// <returns>Null where there are none.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static RecordingNotes? ReadLast(FileStream file)
    {
        Span<byte> tail = stackalloc byte[TailLength];
        if (file.Length < TailLength)
        {
            return null;
        }

        file.Seek(-TailLength, SeekOrigin.End);
        file.ReadExactly(tail);
        long length = BinaryPrimitives.ReadUInt32BigEndian(tail);
        if (length is <= 0 or > LongestBox || length > file.Length)
        {
            return null;
        }

        byte[] box = new byte[length];
        file.Seek(-length, SeekOrigin.End);
        file.ReadExactly(box);
        return Parse(box);
    }

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(RecordingNotes))]
    private sealed partial class JsonContext : JsonSerializerContext;
}
