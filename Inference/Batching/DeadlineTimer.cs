namespace Pipeline.Inference;

/// <summary>Timers that watch a deadline of a finer clock.</summary>
internal static class DeadlineTimer
{
    /// <summary>
    /// Sets a timer to what is left until a deadline. A timer counts whole milliseconds of a coarser clock and was seen to fire half
    /// a millisecond early, once in a hundred times: whoever finds the deadline not reached sets it anew, or waits for ever.
    /// </summary>
    /// <param name="timer">The timer.</param>
    /// <param name="left">Time until the deadline, positive.</param>
    public static void FireAfter(this ITimer timer, TimeSpan left) =>
        timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
}
