using Microsoft.Extensions.Logging;
using Pipeline.Capture;
using Pipeline.Host.Health;
using Pipeline.Host.Metering;
using Pipeline.Render;

namespace Pipeline.Host.Running;

/// <summary>Counts what a sink writes and loses, and says once in the log that it failed.</summary>
internal sealed partial class SinkMonitor : ISinkObserver
{
    private readonly PipelineMeters _meters;
    private readonly Dictionary<string, SourceMeter> _sources;
    private readonly bool _isRecording;
    private readonly string _name;
    private readonly RateWindow _losses;
    private readonly ILogger _logger;

    /// <summary>Makes one for a sink.</summary>
    /// <param name="sink">The sink.</param>
    /// <param name="meters">Where to count.</param>
    /// <param name="logger">Where a failure goes.</param>
    /// <param name="time">The clock of the rate of losses.</param>
    public SinkMonitor(ISink sink, PipelineMeters meters, ILogger logger, TimeProvider time)
    {
        _name = sink.Name;
        _losses = new RateWindow(time);
        _meters = meters;
        _sources = meters.Sources.ToDictionary(source => source.Name, StringComparer.Ordinal);
        _isRecording = sink is RecordingSink;
        _logger = logger;
    }

    /// <summary>Why it failed; null where it didn't.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>How the sink is.</summary>
    public SinkHealth Health
    {
        get
        {
            double lost = _losses.PerSecond;
            SinkState state = Failure is not null ? SinkState.Failed : lost > 0 ? SinkState.Degraded : SinkState.Well;
            return new SinkHealth(_name, state, lost, Failure is { } failure ? SourceAddress.Redact(failure.Message) : null);
        }
    }

    /// <inheritdoc/>
    public void OnWritten(FrameResult result, TimeSpan elapsed)
    {
        if (_isRecording)
        {
            _meters.Record(Stage.Record, _sources[result.Frame.Source], elapsed, elapsed);
        }
    }

    /// <inheritdoc/>
    public void OnLost(string source)
    {
        _losses.Add();
        _meters.Drop(_isRecording ? Stage.Record : null, _sources[source], DropReason.Sink);
    }

    /// <inheritdoc/>
    public void OnFailed(ISink sink, Exception exception)
    {
        Failure = exception;
        Log.SinkFailed(_logger, sink.Name, SourceAddress.Redact(exception.Message));
    }

    /// <summary>The sink did not end in time; its thread is left behind.</summary>
    public void OnHung(string name, TimeSpan limit)
    {
        Failure = new OutputException($"{name} did not finish within {limit.TotalSeconds:F0} s.");
        Log.SinkFailed(_logger, name, Failure.Message);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Sink} failed and takes no more frames; everything else goes on. {Reason}")]
        public static partial void SinkFailed(ILogger logger, string sink, string reason);
    }
}
