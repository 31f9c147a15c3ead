namespace Pipeline.Render;

/// <summary>When a segment is complete; the next one begins at the next key frame.</summary>
/// <param name="Length">How long it plays.</param>
/// <param name="Bytes">How large it is; null for no limit.</param>
public sealed record SegmentLimits(TimeSpan Length, long? Bytes = null);
