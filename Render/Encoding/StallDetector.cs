namespace Pipeline.Render;

/// <summary>
/// Tells a process that is stalled from one that is slow, by what it does and not by how long that takes: a machine that is busy
/// with other things may hold it up for as long as it likes. One thread at a time.
/// </summary>
/// <remarks>
/// Time is counted in looks, not read from a clock: after a pause of the whole machine (a suspended laptop, a virtual machine that
/// is moved) the process was away as long as we were.
/// </remarks>
internal sealed class StallDetector
{
    /// <summary>The distance of two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a process may do nothing at all although it has something to do, so that a stall is noticed within two seconds.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(1.5);

    /// <summary>The same before it has given anything: a hardware encoder sleeps while its device wakes up.</summary>
    public static readonly TimeSpan IdleAtStart = TimeSpan.FromSeconds(10);

    /// <summary>Processor time that goes into no single frame: who used it and neither took nor gave anything runs in a circle.</summary>
    public static readonly TimeSpan WorkForNothing = TimeSpan.FromSeconds(30);

    /// <summary>Looks in a row at which it was idle.</summary>
    private int _idleLooks;

    /// <summary>What it had used at the last look; null where there was nothing to be seen.</summary>
    private TimeSpan? _used;

    /// <summary>What it had used when it last took or gave something.</summary>
    private TimeSpan _usedBefore;

    /// <summary>It has taken or given something, or has nothing to do: all is well.</summary>
    public void Reset()
    {
        _idleLooks = 0;
        _used = null;
    }

    /// <summary>Looks at a process that has something to do and has neither taken nor given anything since the last look.</summary>
    /// <param name="activity">What the system says of it.</param>
    /// <param name="limit">How long it may be idle.</param>
    /// <returns>What is wrong with it, as in "it did nothing for 1.5 s"; null while nothing is.</returns>
    public string? Look(ProcessActivity activity, TimeSpan limit)
    {
        if (_used is not { } used)
        {
            _usedBefore = activity.ProcessorTime;
        }
        else if (activity.IsHeldUp || activity.ProcessorTime != used)
        {
            _idleLooks = 0;
        }
        else
        {
            _idleLooks++;
        }

        _used = activity.ProcessorTime;
        return _idleLooks * Interval >= limit ? $"it did nothing for {limit.TotalSeconds:0.#} s, although it had something to do"
            : activity.ProcessorTime - _usedBefore >= WorkForNothing ? $"it worked for {WorkForNothing.TotalSeconds:0} s of processor time, and neither took nor gave anything"
            : null;
    }
}
