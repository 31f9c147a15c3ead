using Microsoft.Extensions.Logging;
using Pipeline.Host.Metering;
using Pipeline.Inference;
using Pipeline.PostProcess;
using BatchDrop = Pipeline.Inference.DropReason;
using DropReason = Pipeline.Host.Metering.DropReason;

namespace Pipeline.Host.Running;

/// <summary>Measures the batcher's stages and hands each frame back to its source's lane.</summary>
internal sealed partial class BatchMonitor : IBatchObserver<FrameTicket>
{
    private readonly PipelineMeters _meters;
    private readonly SteadyState _steadyState;
    private readonly ILogger _logger;

    /// <summary>What the traces of this run's batches begin with, so that those of several programs in one log stay apart.</summary>
    private readonly string _trace = Random.Shared.Next().ToString("x8", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Makes one.</summary>
    /// <param name="meters">Where to count.</param>
    /// <param name="steadyState">Told of each result.</param>
    /// <param name="logger">Where a lost session is told.</param>
    public BatchMonitor(PipelineMeters meters, SteadyState steadyState, ILogger logger)
    {
        _meters = meters;
        _steadyState = steadyState;
        _logger = logger;
    }

    /// <inheritdoc/>
    public void OnPrepared(FrameTicket ticket, TimeSpan elapsed, long batch)
    {
        _meters.Record(Stage.Preprocess, ticket.Lane.Meter, elapsed, elapsed);
        Log.Prepared(_logger, _trace, batch, ticket.Lane.Meter.Name, ticket.Frame.Number, elapsed.TotalMilliseconds);
    }

    /// <inheritdoc/>
    public void OnRun(int images, int batchSize, TimeSpan elapsed, long batch)
    {
        _meters.RecordRun(images, elapsed);
        Log.Run(_logger, _trace, batch, images, elapsed.TotalMilliseconds);
    }

    /// <inheritdoc/>
    public void OnDeviceRun(int images, in DeviceTimes times) => _meters.RecordDeviceRun(images, times);

    /// <inheritdoc/>
    public void OnDecoded(FrameTicket ticket, ReadOnlySpan<Detection> detections, int nonFinite, TimeSpan elapsed, long batch)
    {
        ticket.Lane.Meter.Through(Stage.Inference);
        _meters.Record(Stage.PostProcess, ticket.Lane.Meter, elapsed, elapsed);
        _steadyState.CountFrame();
        Log.Decoded(_logger, _trace, batch, ticket.Lane.Meter.Name, ticket.Frame.Number, detections.Length, elapsed.TotalMilliseconds);
        ticket.Lane.Deliver(ticket.Frame, detections, nonFinite);
    }

    /// <inheritdoc/>
    public void OnFailed(FrameTicket ticket, Exception exception) =>
        ticket.Lane.GiveBack(ticket.Frame, DropReason.Inference, Stage.Inference);

    /// <inheritdoc/>
    public void OnDropped(FrameTicket ticket, BatchDrop reason)
    {
        // A newer frame in its place is a drop of the camera's; the others come with an end.
        bool superseded = reason == BatchDrop.Superseded;
        ticket.Lane.GiveBack(
            ticket.Frame, superseded ? DropReason.Newer : DropReason.Stopped, superseded ? Stage.Capture : null);
    }

    /// <inheritdoc/>
    public void OnSessionLost(Exception exception, bool hung)
    {
        if (exception is ModelRunException { IsDeviceLost: true })
        {
            return; // no new session is opened: the run ends, and says so
        }

        if (hung)
        {
            Log.SessionHung(_logger, exception.Message);
        }
        else
        {
            Log.SessionFailed(_logger, exception.Message);
        }
    }

    /// <inheritdoc/>
    public void OnSessionReopened(string provider) => Log.SessionReopened(_logger, provider);

    private static partial class Log
    {
        [LoggerMessage(23, LogLevel.Debug, "Batch {Trace}-{Batch}: {Source} frame {Frame} prepared in {Milliseconds:F2} ms.")]
        public static partial void Prepared(ILogger logger, string trace, long batch, string source, long frame, double milliseconds);

        [LoggerMessage(24, LogLevel.Debug, "Batch {Trace}-{Batch}: {Images} images ran in {Milliseconds:F2} ms.")]
        public static partial void Run(ILogger logger, string trace, long batch, int images, double milliseconds);

        [LoggerMessage(25, LogLevel.Debug, "Batch {Trace}-{Batch}: {Source} frame {Frame} has {Detections} detections, decoded in {Milliseconds:F2} ms.")]
        public static partial void Decoded(
            ILogger logger, string trace, long batch, string source, long frame, int detections, double milliseconds);

        [LoggerMessage(20, LogLevel.Error, "A run of the model failed; a new session is opened. {Reason}")]
        public static partial void SessionFailed(ILogger logger, string reason);

        [LoggerMessage(21, LogLevel.Error, "A run of the model hangs and is abandoned with its thread. {Reason}")]
        public static partial void SessionHung(ILogger logger, string reason);

        [LoggerMessage(22, LogLevel.Information, "The model runs again, on {Provider}.")]
        public static partial void SessionReopened(ILogger logger, string provider);
    }
}
