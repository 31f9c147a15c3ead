namespace Pipeline.Capture;

/// <summary>Where in its life a source is. docs/sources.md draws the ways from one to another.</summary>
public enum SourceState
{
    /// <summary>Being opened; no frame has come yet.</summary>
    Opening,

    /// <summary>Delivering frames.</summary>
    Live,

    /// <summary>Open, but its newest frame is older than <see cref="SourceLimits.Stall"/>.</summary>
    Stalled,

    /// <summary>Lost, or not there yet: waiting before the next attempt.</summary>
    BackingOff,

    /// <summary>Closed on request (a file: held where it is) until it is resumed.</summary>
    Paused,

    /// <summary>It gave all it had, or was stopped.</summary>
    Ended,

    /// <summary>It could not be opened or read, and will not be tried again; <see cref="SourceReader.Failure"/> says why.</summary>
    Failed,
}

/// <summary>One step in a source's life.</summary>
/// <param name="From">The state it left.</param>
/// <param name="To">The state it is in.</param>
/// <param name="Reason">Why, in one line without credentials; null where the state says it all.</param>
/// <param name="RetryIn">When the next attempt begins, where it is backing off.</param>
/// <param name="DownFor">How long it delivered nothing, where it is live again.</param>
/// <param name="IsNews">
/// Whether a person wants to read of it. The next attempt at a source that is still away for the same reason is none.
/// </param>
public sealed record SourceChange(
    SourceState From, SourceState To, string? Reason, TimeSpan? RetryIn, TimeSpan? DownFor, bool IsNews);
