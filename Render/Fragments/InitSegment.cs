namespace Pipeline.Render;

/// <summary>
/// What a fragmented MP4 begins with (ftyp and moov): what a player must know before the first fragment. Immutable; one run of
/// the encoder has one.
/// </summary>
public sealed class InitSegment
{
    private readonly byte[] _bytes;

    internal InitSegment(byte[] bytes) => _bytes = bytes;

    /// <summary>Its bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Whether fragments that follow the other one can follow this one too, in the same file.</summary>
    public bool IsSameAs(InitSegment other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Bytes.Span.SequenceEqual(other.Bytes.Span);
    }
}
