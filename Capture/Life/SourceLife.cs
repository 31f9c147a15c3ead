namespace Pipeline.Capture;

/// <summary>
/// The state machine of a source's life. It knows no threads and no cameras: it is told what happened, and says what the
/// state is and how long to wait before the next attempt.
/// </summary>
/// <remarks>Thread-safe. <c>changed</c> is called under the lock, so that changes are told in their order.</remarks>
internal sealed class SourceLife
{
    /// <summary>The share of a wait that chance takes off, so that cameras lost together don't come back together.</summary>
    private const double Jitter = 0.3;

    private readonly Lock _gate = new();
    private readonly SourceLimits _limits;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly Action<SourceChange> _changed;
    private volatile SourceState _state;
    private string? _announced;
    private long _downSince;
    private long _liveSince;
    private bool _isLost;
    private int _attempts;

    /// <summary>Begins a life, as Opening.</summary>
    /// <param name="limits">Its limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Where the jitter comes from.</param>
    /// <param name="changed">Told each change of state.</param>
    public SourceLife(SourceLimits limits, TimeProvider time, Random random, Action<SourceChange> changed)
    {
        _limits = limits;
        _time = time;
        _random = random;
        _changed = changed;
        _downSince = time.GetTimestamp();
    }

    /// <summary>Where it is.</summary>
    public SourceState State => _state;

    /// <summary>Whether it ever gave a frame.</summary>
    public bool HasDelivered { get; private set; }

    /// <summary>How often it came back after it had been lost.</summary>
    public long Reconnects { get; private set; }

    /// <summary>Why it delivers nothing now; null where it does.</summary>
    public string? Trouble { get; private set; }

    /// <summary>It is paused: whatever was wrong with it is forgotten.</summary>
    public void OnPaused()
    {
        lock (_gate)
        {
            Trouble = null;
            _announced = null;
            _attempts = 0;
            _isLost = false;
            Move(SourceState.Paused, reason: null, isNews: true);
        }
    }

    /// <summary>An attempt to open it begins.</summary>
    public void OnOpening()
    {
        lock (_gate)
        {
            if (_state == SourceState.Paused)
            {
                // What is asked for anew has been away since now, however long it was paused.
                _downSince = _time.GetTimestamp();
            }

            if (_state is SourceState.BackingOff or SourceState.Paused)
            {
                Move(SourceState.Opening, Trouble, isNews: false);
            }
        }
    }

    /// <summary>A frame came.</summary>
    public void OnFrame()
    {
        // Every frame passes here; only the first of a connection, or after a stall, changes anything.
        if (_state == SourceState.Live)
        {
            return;
        }

        lock (_gate)
        {
            if (_state is SourceState.Live or SourceState.Ended or SourceState.Failed)
            {
                return;
            }

            Reconnects += HasDelivered && _isLost ? 1 : 0;
            HasDelivered = true;
            _isLost = false;
            _liveSince = _state == SourceState.Stalled ? _liveSince : _time.GetTimestamp();
            bool wasAway = _announced is not null;
            Trouble = null;
            _announced = null;
            Move(SourceState.Live, reason: null, isNews: true, downFor: wasAway ? _time.GetElapsedTime(_downSince) : null);
        }
    }

    /// <summary>No frame came for a time.</summary>
    public void OnSilence(TimeSpan silence)
    {
        if (_state != SourceState.Live || silence < _limits.Stall)
        {
            return;
        }

        lock (_gate)
        {
            if (_state == SourceState.Live)
            {
                _downSince = _time.GetTimestamp() - (long)(silence.TotalSeconds * _time.TimestampFrequency);
                Tell($"no frame for {silence.TotalSeconds:0.#} s", out bool isNews);
                Move(SourceState.Stalled, Trouble, isNews);
            }
        }
    }

    /// <summary>The connection, or the attempt at one, has ended.</summary>
    /// <param name="reason">Why, in one line without credentials.</param>
    /// <returns>How long to wait before the next attempt.</returns>
    public TimeSpan OnLost(string reason)
    {
        lock (_gate)
        {
            if (_state == SourceState.Live)
            {
                _downSince = _time.GetTimestamp();
            }

            // Who comes and goes in a moment is no better off for each coming.
            if (_state is SourceState.Live or SourceState.Stalled && _time.GetElapsedTime(_liveSince) >= _limits.LongestRetry)
            {
                _attempts = 0;
            }

            _isLost = true;
            TimeSpan delay = NextDelay();
            Tell(reason, out bool isNews);
            Move(SourceState.BackingOff, reason, isNews, retryIn: delay);
            return delay;
        }
    }

    /// <summary>It gave all it had, or was stopped.</summary>
    public void End() => Finish(SourceState.Ended, reason: null);

    /// <summary>It will not be tried again.</summary>
    public void Fail(string reason) => Finish(SourceState.Failed, reason);

    private void Finish(SourceState state, string? reason)
    {
        lock (_gate)
        {
            Move(state, reason, isNews: state == SourceState.Failed);
        }
    }

    /// <summary>Exponential, up to a limit, less up to <see cref="Jitter"/> of it.</summary>
    private TimeSpan NextDelay()
    {
        TimeSpan longest = HasDelivered ? _limits.LongestRetry : _limits.LongestRetryUnseen;
        double seconds = _limits.FirstRetry.TotalSeconds * Math.Pow(2, Math.Min(_attempts++, 30));
        return TimeSpan.FromSeconds(Math.Min(seconds, longest.TotalSeconds) * (1 - (Jitter * _random.NextDouble())));
    }

    /// <summary>Notes what is wrong; it is news where it is not what was told last.</summary>
    private void Tell(string reason, out bool isNews)
    {
        isNews = reason != _announced;
        Trouble = reason;
        _announced = reason;
    }

    private void Move(SourceState to, string? reason, bool isNews, TimeSpan? retryIn = null, TimeSpan? downFor = null)
    {
        SourceState from = _state;
        _state = to;
        _changed(new SourceChange(from, to, reason, retryIn, downFor, isNews));
    }
}
