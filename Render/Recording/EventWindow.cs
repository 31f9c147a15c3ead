namespace Pipeline.Render;

/// <summary>
/// Lets those fragments through that belong to an event: from some seconds before a wanted class is seen to some seconds after
/// it was last seen. The seconds before are kept as encoded fragments. One thread at a time.
/// </summary>
/// <remarks>
/// Events whose seconds touch are one: what was let through stays in the window as long as the seconds before a next event
/// would reach back to it.
/// </remarks>
internal sealed class EventWindow : IDisposable
{
    /// <summary>More is not kept, whatever seconds are asked for: half a minute at 17 Mbit/s.</summary>
    private const long MostBytes = 64 << 20;

    private readonly Queue<EncodedFragment> _kept = new();
    private readonly ClassSet _wanted = new();
    private readonly bool _wantsAny;
    private readonly EventOptions _options;

    /// <summary>Fragments with a number from this one on have not been let through.</summary>
    private long _next;

    /// <summary>What begins before this belongs to an event.</summary>
    private TimeSpan _until = TimeSpan.MinValue;

    private long _bytes;

    /// <summary>Makes a window.</summary>
    public EventWindow(EventOptions options)
    {
        _options = options;
        _wantsAny = options.Classes.Count == 0;
        foreach (int id in options.Classes)
        {
            _wanted.Add(id);
        }
    }

    /// <summary>Whether what comes next does not follow what was let through last: the clip is over.</summary>
    public bool IsApart => _kept.TryPeek(out EncodedFragment? oldest) && oldest.Number > _next;

    /// <summary>Adds a fragment, with a lease while it is kept.</summary>
    public void Add(EncodedFragment fragment)
    {
        if (_wantsAny ? fragment.Classes.Count > 0 : fragment.Classes.Overlaps(_wanted))
        {
            _until = fragment.End + _options.After;
        }

        if (_kept.Count > 0 || fragment.StartsWithKeyFrame)
        {
            fragment.AddLease();
            _kept.Enqueue(fragment);
            _bytes += fragment.Bytes.Length;
            Trim(fragment.End - _options.Before);
        }
    }

    /// <summary>Takes the next fragment that belongs to an event; the window keeps its lease.</summary>
    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out EncodedFragment? fragment)
    {
        fragment = null;
        foreach (EncodedFragment kept in _kept)
        {
            if (kept.Number >= _next && kept.Start < _until)
            {
                _next = kept.Number + 1;
                fragment = kept;
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives back all leases.</summary>
    public void Dispose()
    {
        while (_kept.TryDequeue(out EncodedFragment? fragment))
        {
            fragment.Release();
        }
    }

    /// <summary>Drops from the beginning, up to a key frame, what is older than wanted, or too much.</summary>
    private void Trim(TimeSpan from)
    {
        while (KeyFrameAfterFirst() is { } next && (next.Start <= from || _bytes > MostBytes))
        {
            do
            {
                EncodedFragment oldest = _kept.Dequeue();
                _bytes -= oldest.Bytes.Length;
                oldest.Release();
            }
            while (_kept.Peek() != next);
        }
    }

    private EncodedFragment? KeyFrameAfterFirst()
    {
        foreach (EncodedFragment kept in _kept)
        {
            if (kept.StartsWithKeyFrame && kept != _kept.Peek())
            {
                return kept;
            }
        }

        return null;
    }
}
