using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Pipeline.Capture;
using Pipeline.Host.Configuration;
using Pipeline.Host.Health;
using Pipeline.Host.Metering;
using Pipeline.Host.Reporting;
using Pipeline.Inference;
using Pipeline.PostProcess;
using Pipeline.Render;

namespace Pipeline.Host.Running;

/// <summary>
/// A whole run: a lane for each source, the batcher between them, sinks behind them. Made, run once, and disposed; changed
/// through its <see cref="Control"/> while it runs. docs/architecture.md follows a frame through it.
/// </summary>
internal sealed partial class DetectionRun : IDisposable
{
    /// <summary>A later opening may take so many times as long as the first one did, and a run's limit more, before it counts as hung.</summary>
    private const int SlowerOpening = 10;

    private readonly RunModel _model;
    private readonly ReadingSettings _reading;
    private readonly RunContext _run;
    private readonly SteadyState _steadyState = new();
    private readonly DetectionBatcher<FrameTicket> _batcher;
    private readonly LaneSet _lanes;
    private DateTimeOffset _started;
    private TimeSpan _ready;

    private DetectionRun(
        PipelineSettings settings,
        RunModel model,
        IModelSession session,
        DetectionBatcherOptions limits,
        DecoderSet decoders,
        IReadOnlyList<ISink> moreSinks,
        ILogger logger,
        TimeProvider time)
    {
        _model = model;
        _reading = settings.Reading;
        Provider = session.Provider;
        TellRejected(session, settings.Inference, logger);
        Meters = new PipelineMeters([], model.Labels, time);
        var queues = new SourceQueues<FrameTicket>(new BatchMonitor(Meters, _steadyState, logger), time);
        _batcher = new DetectionBatcher<FrameTicket>(queues, session, model.OpenSession, limits, time);
        _run = new RunContext(queues, Meters, logger, time, settings.Reading.KeepRunning);
        try
        {
            _lanes = new LaneSet(settings, moreSinks, _batcher.TicketsInFlight, decoders.MaxDetections, _run);
        }
        catch
        {
            _batcher.Dispose();
            throw;
        }

        Control = new RunControl(settings, _lanes, decoders, queues, logger);
        Meters.QueueDepths = () => _lanes.Lanes.SelectMany(lane => lane.QueueDepths);
        Meters.FramesLeased = () => FramesLeased;
        Meters.SinksLeftBehind = () => _lanes.SinksLeftBehind;
    }

    /// <summary>Every number of the run.</summary>
    public PipelineMeters Meters { get; }

    /// <summary>Changes the run while it runs.</summary>
    public RunControl Control { get; }

    /// <summary>What runs the model.</summary>
    public string Provider { get; }

    /// <summary>Results that there will be; null where a source has no known end, or more sources may come.</summary>
    public long? ExpectedFrames =>
        _run.KeepsRunning ? null : _lanes.Lanes.Aggregate((long?)0, (sum, lane) => sum + lane.Reader.ExpectedFrames);

    /// <summary>Frames out of their pools.</summary>
    public int FramesLeased => _lanes.FramesLeased;

    /// <summary>Frames grabbed so far, by source.</summary>
    public IEnumerable<(SourceMeter Meter, long Captured)> CapturedBySource =>
        Meters.Sources.Select(meter => (meter, _lanes.Find(meter.Name)?.Captured ?? meter.Captured));

    /// <summary>The folder of recordings; null where nothing is recorded there. Another one after a change of the outputs.</summary>
    public RecordingArchive? Recordings => _lanes.Recordings;

    /// <summary>Why sinks failed.</summary>
    public IEnumerable<Exception> SinkFailures => _lanes.SinkFailures;

    /// <summary>How the run is at this moment. Any thread may ask, at any time.</summary>
    public RunHealth Health
    {
        get
        {
            IReadOnlyList<SourceLane> lanes = _lanes.Lanes;
            return new RunHealth
            {
                FramesFlow = Meters.EndToEnd.Count > 0,
                Stages =
                [
                    new(PipelineMeters.NameOf(Stage.Preprocess), Source: null, lanes.Sum(lane => lane.QueueDepth), _batcher.PrepareStandstill),
                    new(PipelineMeters.NameOf(Stage.Inference), Source: null, 0, _batcher.RunStandstill),
                    new(PipelineMeters.NameOf(Stage.PostProcess), Source: null, 0, _batcher.DecodeStandstill),
                    .. lanes.SelectMany(lane => lane.Stages),
                    .. _lanes.SharedSinks.Select(sink => sink.HealthOf(source: null)),
                ],
                Sources = [.. lanes.Select(lane => lane.Health)],
                Sinks = [.. _lanes.Sinks.Select(sink => sink.Monitor.Health)],
            };
        }
    }

    /// <summary>Opens the session and the outputs; sources are opened by <see cref="RunAsync"/>.</summary>
    /// <param name="settings">What to run.</param>
    /// <param name="model">The model.</param>
    /// <param name="loggers">Makes the log.</param>
    /// <param name="time">The clock of everything.</param>
    /// <param name="cancellationToken">Leaves the session behind that is being opened: a native library can't be asked to stop.</param>
    /// <param name="moreSinks">Sinks for all sources beside those of the settings; from now on the run's.</param>
    /// <exception cref="OperationCanceledException">It was cancelled while the session was being opened; no output has been touched.</exception>
    /// <exception cref="UsageException">Settings contradict each other or the model.</exception>
    /// <exception cref="ModelException">The model can't be opened.</exception>
    /// <exception cref="OutputException">An output can't be written.</exception>
    public static async Task<DetectionRun> CreateAsync(
        PipelineSettings settings,
        RunModel model,
        ILoggerFactory loggers,
        TimeProvider time,
        CancellationToken cancellationToken,
        params IReadOnlyList<ISink> moreSinks)
    {
        PipelineSettings named = SourceNames.Name(settings);
        OutputPaths.RefuseClashes(named);
        var decoders = new DecoderSet(model.CreateDecoder);
        IReadOnlyDictionary<string, IDetectionDecoder> bySource = decoders.Choose(named);
        long begun = time.GetTimestamp();
        IModelSession session = await Task.Run(model.OpenSession, CancellationToken.None).WaitAsync(cancellationToken);
        var limits = new DetectionBatcherOptions();
        limits = limits with { OpenTimeout = limits.RunTimeout + (SlowerOpening * time.GetElapsedTime(begun)) };
        var run = new DetectionRun(named, model, session, limits, decoders, moreSinks, loggers.CreateLogger("Pipeline"), time);
        try
        {
            foreach (SourceSettings source in named.Sources)
            {
                run._lanes.Open(source, named, bySource[source.Name!]);
            }

            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Runs until every source has ended (with <see cref="ReadingSettings.KeepRunning"/>: until it is stopped), and everything
    /// they gave is written.
    /// </summary>
    /// <param name="stop">Ends the sources; what was read is still processed.</param>
    /// <returns>The numbers of the run.</returns>
    /// <exception cref="ModelRunException">The model can't be run any more; recordings are closed all the same.</exception>
    /// <exception cref="Exception">Drawing failed on some frame, which is a bug; all others were processed.</exception>
    public async Task<RunReport> RunAsync(CancellationToken stop)
    {
        using var timeUp = new CancellationTokenSource(_reading.Duration ?? Timeout.InfiniteTimeSpan, _run.Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop, timeUp.Token);
        _started = _run.Time.GetUtcNow();
        _ready = ProcessUsage.Age;
        Log.Started(_run.Logger, _model.Name, Provider, _ready.TotalSeconds, _lanes.Lanes.Count);
        _lanes.Start(lane => OnSourceEndedAsync(lane, ending), ending.Token);
        Control.Begin(ending.Token);

        // A run without sources hears of its end here alone.
        await using CancellationTokenRegistration atEnd = ending.Token.Register(() => _ = Control.EndIfOverAsync());
        await Control.EndIfOverAsync();
        Task giveUp = GiveUpWithoutFramesAsync(ending);

        Exception? fault = await FaultOf(_batcher.RunAsync(CancellationToken.None));
        if (fault is ModelRunException { IsDeviceLost: true })
        {
            Log.DeviceLost(_run.Logger, fault.Message);
        }

        await ending.CancelAsync();
        await Control.EndAsync();
        await giveUp;
        fault = await FaultOf(_lanes.DrainAsync()) ?? fault ?? HungFault();
        if (fault is not null)
        {
            ExceptionDispatchInfo.Throw(fault);
        }

        return Report();
    }

    /// <summary>The numbers of the run up to now.</summary>
    public RunReport Report()
    {
        double wallSeconds = Meters.Elapsed.TotalSeconds;
        return new RunReport
        {
            Model = _model.Name,
            Provider = Provider,
            WallSeconds = Math.Round(wallSeconds, 3),
            StartedAt = _started,
            ReadySeconds = Math.Round(_ready.TotalSeconds, 3),
            EndToEnd = LatencyFigures.From(Meters.EndToEnd, wallSeconds),
            Stages = Meters.Stages.ToDictionary(stage => stage.Name, stage => StageFigures.From(stage, wallSeconds), StringComparer.Ordinal),
            Sources = _lanes.Figures(wallSeconds),
            Process = new ProcessFigures(
                Math.Round(ProcessUsage.ProcessorTime.TotalSeconds, 3),
                ProcessUsage.PeakResidentBytes,
                GC.CollectionCount(0),
                GC.CollectionCount(1),
                GC.CollectionCount(2),
                _steadyState.AllocatedBytesPerFrame),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _batcher.Dispose();
        _lanes.Dispose();
        Control.Dispose();
        Meters.Dispose();
    }

    /// <summary>A source that was given up because native calls hang ends the others too.</summary>
    private Task OnSourceEndedAsync(SourceLane lane, CancellationTokenSource ending)
    {
        if (lane.Reader.IsHung)
        {
            ending.Cancel();
        }

        return Control.EndIfOverAsync();
    }

    /// <summary>Ends the run where no source at all has given a frame in the time allowed for that.</summary>
    private async Task GiveUpWithoutFramesAsync(CancellationTokenSource ending)
    {
        if (_reading is { GiveUpAfter: { } limit, KeepRunning: false })
        {
            await Task.Delay(limit, _run.Time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // By the meters: a source that was opened anew meanwhile counts with what it gave before.
            if (!Meters.Sources.Any(source => source.TimesEntered(SourceState.Live) > 0))
            {
                await ending.CancelAsync();
            }
        }
    }

    // With 'auto' the CPU is no fault, and who has set nothing else up need not hear of it at all.
    private static void TellRejected(IModelSession session, InferenceSettings settings, ILogger logger)
    {
        LogLevel level = !settings.Provider.Equals(nameof(ExecutionProvider.Auto), StringComparison.OrdinalIgnoreCase) ? LogLevel.Warning
            : Directory.Exists(ProgramHome.Resolve(settings.CudaRuntime)) ? LogLevel.Information
            : LogLevel.Debug;
        foreach (string rejected in session.RejectedProviders)
        {
            Log.Rejected(logger, level, session.Provider, rejected);
        }
    }

    private InvalidOperationException? HungFault() => _lanes.Lanes.FirstOrDefault(lane => lane.Reader.IsHung) is { } hung
        ? new InvalidOperationException($"{hung.Reader.Failure} The program ends, since only a new process gets rid of that.")
        : null;

    private static async Task<Exception?> FaultOf(Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception e)
        {
            // Kept until recordings are closed.
            return e;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Model} runs on {Provider}; ready {Seconds:F2} s after the start; sources: {Sources}.")]
        public static partial void Started(ILogger logger, string model, string provider, double seconds, int sources);

        [LoggerMessage(26, LogLevel.Error, "The device is lost; the program ends, since only a new process can use it again. {Reason}")]
        public static partial void DeviceLost(ILogger logger, string reason);

        [LoggerMessage(EventId = 27, Message = "The model runs on {Provider}, for want of {Rejected}")]
        public static partial void Rejected(ILogger logger, LogLevel level, string provider, string rejected);
    }
}
