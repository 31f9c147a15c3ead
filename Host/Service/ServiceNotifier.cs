using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Pipeline.Host.Service;

/// <summary>
/// Tells systemd how the service does: ready once frames flow or every source has been tried, a line of status, a sign of
/// life as long as the pipeline makes progress, and that starting or stopping takes longer. Thread-safe.
/// </summary>
/// <remarks>
/// The signs of life come from a look at the pipeline, never from a timer alone: a hung pipeline stays silent, and systemd
/// ends the process and starts it again.
/// </remarks>
internal sealed partial class ServiceNotifier : IDisposable
{
    /// <summary>How often the pipeline is looked at until it is ready.</summary>
    private static readonly TimeSpan StartInterval = TimeSpan.FromSeconds(0.1);

    /// <summary>How often systemd is asked for more time while the service starts or stops.</summary>
    private static readonly TimeSpan ExtensionInterval = TimeSpan.FromSeconds(5);

    /// <summary>How often it is looked at from then on, and the age of the status at most.</summary>
    private static readonly TimeSpan RunInterval = TimeSpan.FromSeconds(5);

    /// <summary>How much longer it is asked to wait from then on: far more than the interval.</summary>
    private static readonly TimeSpan Extension = TimeSpan.FromSeconds(30);

    /// <summary>How long a start (engines are built for a GPU) or a stop (a film is closed) may be extended in all.</summary>
    private static readonly TimeSpan LongestExtension = TimeSpan.FromMinutes(30);

    private readonly Lock _lock = new();
    private readonly Action<string> _send;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TimeSpan _interval;
    private readonly ITimer _timer;
    private Func<ServiceState>? _look;
    private Phase _phase = Phase.Starting;
    private long _phaseStart;
    private long? _extended;
    private bool _isHung;

    /// <summary>Starts telling.</summary>
    /// <param name="send">Sends a message to systemd.</param>
    /// <param name="watchdog">The longest silence that systemd bears; null where it doesn't watch.</param>
    /// <param name="logger">The log.</param>
    /// <param name="time">The clock.</param>
    public ServiceNotifier(Action<string> send, TimeSpan? watchdog, ILogger logger, TimeProvider time)
    {
        _send = send;
        _logger = logger;
        _time = time;
        _phaseStart = time.GetTimestamp();

        // Three signs in the time that one must come in: two may be late.
        _interval = watchdog is { } silence && silence / 3 < RunInterval ? silence / 3 : RunInterval;
        _timer = time.CreateTimer(_ => Look(), state: null, StartInterval, StartInterval);
    }

    private enum Phase
    {
        Starting,
        Running,
        Stopping,
    }

    /// <summary>Starts one where systemd started this process and listens; null elsewhere.</summary>
    public static ServiceNotifier? Start(ILogger logger, TimeProvider time) => NotifySocket.FromEnvironment() is { } socket
        ? new ServiceNotifier(
            socket.Send,
            WatchdogOf(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), Environment.GetEnvironmentVariable("WATCHDOG_PID"), Environment.ProcessId),
            logger,
            time)
        : null;

    /// <summary>The watchdog's time that systemd gave this process; null where there is none, or it is meant for another.</summary>
    internal static TimeSpan? WatchdogOf(string? microseconds, string? processId, int ownProcessId) =>
        long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out long time) && time > 0
        && (processId is null || processId == ownProcessId.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(time)
            : null;

    /// <summary>From now on there is a pipeline to look at.</summary>
    public void Follow(Func<ServiceState> look)
    {
        lock (_lock)
        {
            _look = look;
        }
    }

    /// <summary>The configuration is being read again; <see cref="Reloaded"/> must follow.</summary>
    public void Reloading() => TellOfReload($"RELOADING=1\nMONOTONIC_USEC={Monotonic()}", "Reads its configuration again");

    /// <summary>The configuration was read, whether it was taken or refused.</summary>
    /// <param name="result">What came of it, in a line.</param>
    public void Reloaded(string result) => TellOfReload("READY=1", result);

    /// <summary>The service ends: what was read is still processed, and recordings are closed.</summary>
    public void Stopping()
    {
        lock (_lock)
        {
            _phase = Phase.Stopping;
            _phaseStart = _time.GetTimestamp();
            _send("STOPPING=1\nSTATUS=Stopping: what was read is still processed, and recordings are closed");
            _timer.Change(TimeSpan.Zero, _interval);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>A reload has an end that says ready: a service that is not yet, or no more, shows it in its status alone.</summary>
    private void TellOfReload(string state, string status)
    {
        lock (_lock)
        {
            _send(_phase == Phase.Running ? $"{state}\nSTATUS={status}" : $"STATUS={status}");
        }
    }

    private void Look()
    {
        lock (_lock)
        {
            ServiceState? state = _look?.Invoke();
            if (_phase == Phase.Starting && state is { IsReady: true })
            {
                _phase = Phase.Running;
                _send($"READY=1\nSTATUS={state.Value.Summary}");
                _timer.Change(_interval, _interval);
            }

            if (_phase != Phase.Running && state?.Hang is null && _time.GetElapsedTime(_phaseStart) < LongestExtension)
            {
                Extend();
            }

            if (_phase != Phase.Starting && state is { } seen)
            {
                ReportLife(seen);
            }
        }
    }

    private void Extend()
    {
        if (_extended is null || _time.GetElapsedTime(_extended.Value) >= ExtensionInterval)
        {
            _extended = _time.GetTimestamp();
            _send($"EXTEND_TIMEOUT_USEC={(long)Extension.TotalMicroseconds}");
        }
    }

    private void ReportLife(ServiceState state)
    {
        if (state.Hang is null)
        {
            _isHung = false;
            _send($"WATCHDOG=1\nSTATUS={state.Summary}");
        }
        else
        {
            _send($"STATUS=Hangs: {state.Hang}");
            if (!_isHung)
            {
                Log.Hangs(_logger, state.Hang);
            }

            _isHung = true;
        }
    }

    /// <summary>Now on the clock that systemd compares with: CLOCK_MONOTONIC, which the runtime's time stamps count too.</summary>
    private long Monotonic() => (long)(_time.GetTimestamp() * (1_000_000.0 / _time.TimestampFrequency));

    private static partial class Log
    {
        [LoggerMessage(90, LogLevel.Error, "The pipeline hangs: {What}. If that lasts, systemd ends the process and starts it again.")]
        public static partial void Hangs(ILogger logger, string what);
    }
}
