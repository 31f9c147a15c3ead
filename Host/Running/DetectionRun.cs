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
/// A whole run: a lane for each source, the batcher between them, sinks behind them. Made, run once, and disposed.
/// docs/architecture.md follows a frame through it.
/// </summary>
internal sealed partial class DetectionRun : IDisposable
{
    /// <summary>Once all results are there, sinks have a few frames left to write and files to close.</summary>
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(20);

    private readonly PipelineSettings _settings;
    private readonly RunModel _model;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly SteadyState _steadyState = new();
    private readonly SourceQueues<FrameTicket> _queues;
    private readonly DetectionBatcher<FrameTicket> _batcher;
    private readonly List<SourceLane> _lanes = [];
    private readonly List<SinkStage> _sharedSinks = [];
    private readonly List<(SinkStage Stage, SinkMonitor Monitor)> _sinks = [];
    private readonly int _maxDetections;
    private DateTimeOffset _started;
    private TimeSpan _ready;
    private SinkSet? _sinkSet;

    private DetectionRun(
        PipelineSettings settings, RunModel model, IModelSession session, IReadOnlyList<string> names, ILogger logger, TimeProvider time)
    {
        _settings = settings;
        _model = model;
        _logger = logger;
        _time = time;
        Provider = session.Provider;
        Meters = new PipelineMeters(names, model.Labels, time);
        IDetectionDecoder decoder = model.CreateDecoder();
        _maxDetections = decoder.MaxDetections;
        _queues = new SourceQueues<FrameTicket>(new BatchMonitor(Meters, _steadyState, logger), time);
        _batcher = new DetectionBatcher<FrameTicket>(
            _queues, session, model.OpenSession, decoder, new DetectionBatcherOptions(), time);
        Meters.QueueDepths = () => _lanes.Select(lane => (lane.Meter.Name, lane.QueueDepth));
        Meters.FramesLeased = () => FramesLeased;
        Meters.LifeOf = index => (_lanes[index].Reader.State, _lanes[index].Reader.Reconnects, _lanes[index].Reader.HungCalls);
    }

    /// <summary>Every number of the run.</summary>
    public PipelineMeters Meters { get; }

    /// <summary>What runs the model.</summary>
    public string Provider { get; }

    /// <summary>Results that there will be; null where a source has no known end.</summary>
    public long? ExpectedFrames => _lanes.Aggregate((long?)0, (sum, lane) => sum + lane.Reader.ExpectedFrames);

    /// <summary>Frames out of their pools.</summary>
    public int FramesLeased => _lanes.Sum(lane => lane.FramesLeased);

    /// <summary>Frames grabbed so far, by source.</summary>
    public IEnumerable<(SourceMeter Meter, long Captured)> CapturedBySource => _lanes.Select(lane => (lane.Meter, lane.Reader.FramesGrabbed));

    /// <summary>Why sinks failed, in the order of the sinks.</summary>
    public IEnumerable<Exception> SinkFailures => _sinks.Select(sink => sink.Monitor.Failure).OfType<Exception>();

    /// <summary>How the run is at this moment. Any thread may ask, at any time.</summary>
    public RunHealth Health => new()
    {
        FramesFlow = Meters.EndToEnd.Count > 0,
        Stages =
        [
            new(PipelineMeters.NameOf(Stage.Preprocess), Source: null, _lanes.Sum(lane => lane.QueueDepth), _batcher.PrepareStandstill),
            new(PipelineMeters.NameOf(Stage.Inference), Source: null, 0, _batcher.RunStandstill),
            new(PipelineMeters.NameOf(Stage.PostProcess), Source: null, 0, _batcher.DecodeStandstill),
            .. _lanes.SelectMany(lane => lane.Stages),
            .. _sharedSinks.Select(sink => new StageHealth(sink.Queue.Holder, Source: null, sink.Queue.Count, sink.Standstill)),
        ],
        Sources = [.. _lanes.Select(lane => lane.Health)],
        Sinks = [.. _sinks.Select(sink => sink.Monitor.Health)],
    };

    /// <summary>Opens the session and the outputs; sources are opened by <see cref="RunAsync"/>.</summary>
    /// <param name="settings">What to run.</param>
    /// <param name="model">The model.</param>
    /// <param name="loggers">Makes the log.</param>
    /// <param name="time">The clock of everything.</param>
    /// <param name="moreSinks">Sinks for all sources beside those of the settings; from now on the run's.</param>
    /// <exception cref="UsageException">Settings contradict each other or the model.</exception>
    /// <exception cref="ModelException">The model can't be opened.</exception>
    /// <exception cref="OutputException">An output can't be written.</exception>
    public static DetectionRun Create(
        PipelineSettings settings, RunModel model, ILoggerFactory loggers, TimeProvider time, params IReadOnlyList<ISink> moreSinks)
    {
        IReadOnlyList<string> names = SourceNames.Assign(settings.Sources);
        List<(string Name, SourceAddress Address)> sources =
            [.. names.Zip(settings.Sources, (name, source) => (name, SourceAddress.Parse(source.Uri)))];
        OutputPaths.RefuseClashes(settings.Output, sources);
        var run = new DetectionRun(settings, model, model.OpenSession(), names, loggers.CreateLogger("Pipeline"), time);
        try
        {
            run.AddLanes(sources, moreSinks);
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>Runs until every source has ended, and everything they gave is written.</summary>
    /// <param name="stop">Ends the sources; what was read is still processed.</param>
    /// <returns>The numbers of the run.</returns>
    /// <exception cref="ModelRunException">The model can't be run any more; recordings are closed all the same.</exception>
    public async Task<RunReport> RunAsync(CancellationToken stop)
    {
        using var timeUp = new CancellationTokenSource(_settings.Reading.Duration ?? Timeout.InfiniteTimeSpan, _time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop, timeUp.Token);
        _started = _time.GetUtcNow();
        _ready = ProcessUsage.Age;
        Log.Started(_logger, _model.Name, Provider, _ready.TotalSeconds, _lanes.Count);
        _sharedSinks.ForEach(sink => sink.Start());
        _lanes.ForEach(lane => lane.Start(ending.Token));
        _queues.Complete();
        Task giveUp = GiveUpWithoutFramesAsync(ending);
        Task lanesEnded = EndTogetherIfHungAsync(ending);

        Exception? fault = await FaultOf(_batcher.RunAsync(CancellationToken.None));
        await ending.CancelAsync();
        await Task.WhenAll(lanesEnded, giveUp);
        fault = await FaultOf(DrainAsync()) ?? fault ?? HungFault();
        return fault is null ? Report() : throw fault;
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
            Sources = _lanes.ToDictionary(lane => lane.Meter.Name, lane => lane.Figures(wallSeconds), StringComparer.Ordinal),
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
        _sinks.ForEach(sink => sink.Stage.Dispose());
        _lanes.ForEach(lane => lane.Dispose());
        _sinkSet?.Dispose();
        Meters.Dispose();
    }

    /// <summary>Ends the run where no source at all has given a frame in the time allowed for that.</summary>
    private async Task GiveUpWithoutFramesAsync(CancellationTokenSource ending)
    {
        if (_settings.Reading.GiveUpAfter is { } limit)
        {
            await Task.Delay(limit, _time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_lanes.Exists(lane => lane.Reader.HasDelivered))
            {
                await ending.CancelAsync();
            }
        }
    }

    /// <summary>Ends once all sources have; a source that was given up because native calls hang ends the others too.</summary>
    private Task EndTogetherIfHungAsync(CancellationTokenSource ending) => Task.WhenAll(_lanes.Select(async lane =>
    {
        await lane.Ended;
        if (lane.Reader.IsHung)
        {
            await ending.CancelAsync();
        }
    }));

    private InvalidOperationException? HungFault() => _lanes.Find(lane => lane.Reader.IsHung) is { } hung
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

    private void AddLanes(IReadOnlyList<(string Name, SourceAddress Address)> sources, IReadOnlyList<ISink> moreSinks)
    {
        SinkSet sinks = _sinkSet = new SinkSet(_settings, _model.Labels, _logger, _time);
        LanePlan[] plans = [.. sources.Select(source => LanePlan.For(IsLatest(source.Address), _batcher.TicketsInFlight, sinks.CountPerSource + moreSinks.Count, _maxDetections))];

        // A shared sink's queue has the places of all the sources that feed it.
        _sharedSinks.AddRange(sinks.OpenShared().Concat(moreSinks).Select(sink => MakeStage(sink, sink.Name, plans.Sum(plan => plan.SinkCapacity))));
        foreach (((string name, SourceAddress address), LanePlan plan, SourceSettings settings) in sources.Zip(plans, _settings.Sources))
        {
            SinkStage[] own = [.. sinks.OpenFor(name, IsLatest(address)).Select(sink => MakeStage(sink, sink.Name, plan.SinkCapacity))];
            SourceReaderOptions options = ReaderOptions.For(settings, _settings.Reading, IsLatest(address));
            SourceMeter meter = Meters.Sources[_lanes.Count];
            _lanes.Add(new SourceLane(address, options, plan, _queues, own, _sharedSinks, meter, Meters, _logger, _time));
            Log.FramesPlanned(_logger, name, plan.PoolSize, plan.InputCapacity, plan.InFlight, plan.RenderCapacity, plan.SinkCapacity);
        }
    }

    private SinkStage MakeStage(ISink sink, string holder, int capacity)
    {
        var health = new OutputHealth(sink.Name, _logger, _time);
        var monitor = new SinkMonitor(sink, health, Meters, _time);
        var stage = new SinkStage(sink, new FrameResultQueue(holder, capacity, _maxDetections), health, monitor, _time);
        _sinks.Add((stage, monitor));
        return stage;
    }

    private bool IsLatest(SourceAddress address) => _settings.Reading.Latest ?? address.IsLive;

    /// <summary>Waits until everything is written; a sink that does not end is left behind and counts as failed.</summary>
    private async Task DrainAsync()
    {
        try
        {
            await DrainStagesAsync().WaitAsync(DrainTimeout, _time);
        }
        catch (TimeoutException)
        {
            foreach ((_, SinkMonitor monitor) in _sinks.Where(sink => !sink.Stage.Completion.IsCompleted))
            {
                monitor.OnHung(DrainTimeout);
            }
        }
    }

    /// <summary>Waits for the render stages, then for the sinks that they share.</summary>
    private async Task DrainStagesAsync()
    {
        await Task.WhenAll(_lanes.Select(lane => lane.DrainAsync()));
        _sharedSinks.ForEach(sink => sink.Queue.Complete());
        await Task.WhenAll(_sharedSinks.Select(sink => sink.Completion));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Model} runs on {Provider}; ready {Seconds:F2} s after the start; sources: {Sources}.")]
        public static partial void Started(ILogger logger, string model, string provider, double seconds, int sources);

        [LoggerMessage(2, LogLevel.Information, "{Source}: {Pool} frames (queue {Queue}, batches {Batches}, render {Render}, each sink {Sink}).")]
        public static partial void FramesPlanned(ILogger logger, string source, int pool, int queue, int batches, int render, int sink);
    }
}
