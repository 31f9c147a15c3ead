namespace Pipeline.Render;

/// <summary>What an archive keeps: the oldest recordings are deleted first, until all of it holds.</summary>
public sealed record RetentionOptions
{
    /// <summary>Recordings that ended longer ago are deleted; null for never.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>The bytes of all recordings at most, those being written included; null for no limit.</summary>
    public long? Bytes { get; init; }

    /// <summary>The bytes that stay free on the disk. Where deleting does not suffice, nothing is recorded.</summary>
    public long FreeBytes { get; init; }
}
