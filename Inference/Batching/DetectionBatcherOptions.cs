namespace Pipeline.Inference;

/// <summary>How batches are made and watched. Immutable; each value is checked when it is set.</summary>
public sealed record DetectionBatcherOptions
{
    /// <summary>
    /// How long a batch with room left waits for more images, from its first one on. Default: 0: what waits is run at
    /// once. Anything else pays only where a fuller batch was measured to be worth the latency: a GPU with many
    /// sources.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public TimeSpan MaximumWait
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            field = value;
        }
    }

    /// <summary>
    /// After how long a run counts as hung. Default: 30 seconds, many times the slowest network on one core.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public TimeSpan RunTimeout
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            field = value;
        }
    } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After how long the opening of another session counts as hung. Default: 10 minutes; who knows how long the first one took
    /// sets less.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public TimeSpan OpenTimeout
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            field = value;
        }
    } = TimeSpan.FromMinutes(10);
}
