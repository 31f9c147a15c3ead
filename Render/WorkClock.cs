namespace Pipeline.Render;

/// <summary>
/// Since when a stage's thread has had one frame in its hand: a thread that never comes back shows as one that stands still.
/// </summary>
/// <remarks>The stage's thread calls <see cref="Begin"/> and <see cref="End"/>, any thread reads. No locks, no allocation.</remarks>
internal sealed class WorkClock(TimeProvider time)
{
    private const long Idle = 0;

    private long _since = Idle;

    /// <summary>How long the frame in hand has been there; zero where there is none.</summary>
    public TimeSpan Standstill =>
        Volatile.Read(ref _since) is var since and not Idle ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>The thread has taken a frame.</summary>
    /// <returns>The time stamp of now.</returns>
    public long Begin()
    {
        // Never the mark of an idle thread, whatever the clock begins with.
        long now = Math.Max(time.GetTimestamp(), Idle + 1);
        Volatile.Write(ref _since, now);
        return now;
    }

    /// <summary>The thread is done with it.</summary>
    public void End() => Volatile.Write(ref _since, Idle);
}
