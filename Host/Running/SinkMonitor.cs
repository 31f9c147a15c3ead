using Pipeline.Capture;
using Pipeline.Host.Health;
using Pipeline.Host.Metering;
using Pipeline.Render;

namespace Pipeline.Host.Running;

/// <summary>Counts what a sink writes and loses, and knows how it and the outputs behind it are.</summary>
internal sealed class SinkMonitor : ISinkObserver
{
    private readonly PipelineMeters _meters;
    private readonly bool _isRecording;
    private readonly OutputHealth[] _outputs;
    private readonly RateWindow _losses;

    /// <summary>Makes one for a sink.</summary>
    /// <param name="sink">The sink.</param>
    /// <param name="output">How it is; its stage keeps that.</param>
    /// <param name="meters">Where to count.</param>
    /// <param name="time">The clock of the rate of losses.</param>
    public SinkMonitor(ISink sink, OutputHealth output, PipelineMeters meters, TimeProvider time)
    {
        _outputs = [output, .. sink.Parts];
        _losses = new RateWindow(time);
        _meters = meters;
        _isRecording = sink is EncodingSink or VideoWriterSink;
    }

    /// <summary>Why it, or an output behind it, can't be written at present; null where it can.</summary>
    public Exception? Failure => Array.Find(_outputs, output => output.Failure is not null)?.Failure;

    /// <summary>How the sink is.</summary>
    public SinkHealth Health
    {
        get
        {
            double lost = _losses.PerSecond;
            Exception? failure = Failure;
            SinkState state = failure is not null ? SinkState.Failed : lost > 0 ? SinkState.Degraded : SinkState.Well;
            return new SinkHealth(_outputs[0].Name, state, lost, failure is null ? null : SourceAddress.Redact(failure.Message));
        }
    }

    /// <inheritdoc/>
    public void OnWritten(FrameResult result, TimeSpan elapsed)
    {
        if (_isRecording && _meters.Find(result.Frame.Source) is { } meter)
        {
            _meters.Record(Stage.Record, meter, elapsed, elapsed);
        }
    }

    /// <inheritdoc/>
    public void OnLost(string source)
    {
        _losses.Add();
        if (_meters.Find(source) is { } meter)
        {
            _meters.Drop(_isRecording ? Stage.Record : null, meter, DropReason.Sink);
        }
    }

    /// <summary>The sink did not end in time; its thread is left behind.</summary>
    public void OnHung(TimeSpan limit) => _outputs[0].Hang(limit);
}
