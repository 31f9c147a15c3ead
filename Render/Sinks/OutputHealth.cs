using Microsoft.Extensions.Logging;
using Pipeline.Capture;

namespace Pipeline.Render;

/// <summary>How an output is.</summary>
public enum OutputState
{
    /// <summary>It works.</summary>
    Ok,

    /// <summary>It can't be written, loses what comes, and is tried again.</summary>
    Degraded,

    /// <summary>A call into it has not returned for long; it comes back by itself or never.</summary>
    Failed,
}

/// <summary>
/// The state of one output: says once in the log that it can't be written and once that it can again, and says when it may be
/// tried again. Any number of threads may use it.
/// </summary>
public sealed partial class OutputHealth
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    /// <summary>How long the next failure keeps it from being tried.</summary>
    private TimeSpan _delay = FirstRetry;

    /// <summary>From when on it may be tried again, on the monotonic clock.</summary>
    private long _retryAt;

    /// <summary>When the present state began, on the monotonic clock.</summary>
    private long _since;

    private volatile OutputState _state;

    /// <summary>Makes one for an output that works.</summary>
    /// <param name="name">What it is, for the log: "recording out/demo.mp4".</param>
    /// <param name="logger">The log.</param>
    /// <param name="time">The clock.</param>
    public OutputHealth(string name, ILogger logger, TimeProvider time)
    {
        Name = name;
        _logger = logger;
        _time = time;
        _since = time.GetTimestamp();
    }

    /// <summary>What it is.</summary>
    public string Name { get; }

    /// <summary>How it is now.</summary>
    public OutputState State => _state;

    /// <summary>Why it is not well; null while it is.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether it works, or enough time has passed to try again.</summary>
    public bool MayTry => _state == OutputState.Ok || _time.GetTimestamp() >= Volatile.Read(ref _retryAt);

    /// <summary>It could not be written.</summary>
    public void Fail(Exception exception)
    {
        bool isNews;
        TimeSpan delay;
        lock (_gate)
        {
            isNews = _state == OutputState.Ok;

            // An output that works for moments only is not tried more often for it.
            bool workedLong = isNews && _time.GetElapsedTime(_since) >= LongestRetry;
            delay = _delay = workedLong ? FirstRetry : _delay;
            Enter(OutputState.Degraded, exception);
            _retryAt = _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);
            _delay = delay * 2 < LongestRetry ? delay * 2 : LongestRetry;
        }

        string reason = SourceAddress.Redact(exception.Message);
        if (isNews)
        {
            Log.Degraded(_logger, Name, reason);
        }
        else
        {
            Log.StillDegraded(_logger, Name, reason, delay.TotalSeconds);
        }
    }

    /// <summary>A call into it has not returned.</summary>
    public void Hang(TimeSpan since)
    {
        lock (_gate)
        {
            if (_state == OutputState.Failed)
            {
                return;
            }

            Enter(OutputState.Failed, new OutputException($"{Name} has not taken a frame for {since.TotalSeconds:0.#} s."));
        }

        Log.Hangs(_logger, Name, since.TotalSeconds);
    }

    /// <summary>It was written.</summary>
    public void Work()
    {
        if (_state == OutputState.Ok)
        {
            return;
        }

        TimeSpan down;
        lock (_gate)
        {
            down = _time.GetElapsedTime(_since);
            Enter(OutputState.Ok, failure: null);
        }

        Log.Resumed(_logger, Name, down.TotalSeconds);
    }

    private void Enter(OutputState state, Exception? failure)
    {
        if (_state == OutputState.Ok || state == OutputState.Ok)
        {
            _since = _time.GetTimestamp();
        }

        _state = state;
        Failure = failure;
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Error, "{Output} can't be written: {Reason} It is tried again until it works; everything else goes on.")]
        public static partial void Degraded(ILogger logger, string output, string reason);

        [LoggerMessage(41, LogLevel.Debug, "{Output} still can't be written: {Reason} It is tried again in {Seconds:F0} s.")]
        public static partial void StillDegraded(ILogger logger, string output, string reason, double seconds);

        [LoggerMessage(42, LogLevel.Warning, "{Output} is written again, after {Seconds:F1} s.")]
        public static partial void Resumed(ILogger logger, string output, double seconds);

        [LoggerMessage(43, LogLevel.Error, "{Output} has not taken a frame for {Seconds:F0} s; everything else goes on.")]
        public static partial void Hangs(ILogger logger, string output, double seconds);
    }
}
