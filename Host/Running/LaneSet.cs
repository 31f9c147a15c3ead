using Microsoft.Extensions.Logging;
using Pipeline.Capture;
using Pipeline.Host.Configuration;
using Pipeline.Host.Reporting;
using Pipeline.PostProcess;
using Pipeline.Render;

namespace Pipeline.Host.Running;

/// <summary>The lanes of a run, which may come and go while it runs, and the sinks that they share.</summary>
/// <remarks>Changes come from one thread at a time, <see cref="RunControl"/>'s; any thread may look at any time.</remarks>
internal sealed partial class LaneSet : IDisposable
{
    /// <summary>Once its source is told to end, a lane has a few frames left to bring through the stages.</summary>
    private static readonly TimeSpan RenderTimeout = TimeSpan.FromSeconds(20);

    private readonly RunContext _run;
    private readonly int _ticketsInFlight;
    private readonly RunningSink[] _shared;
    private readonly LeavingLanes _leaving;
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    /// <summary>The lanes in the order of the settings; replaced as a whole, so that those who look need no lock.</summary>
    private volatile SourceLane[] _lanes = [];

    /// <summary>The last figures of sources that were removed; replaced as a whole.</summary>
    private volatile IReadOnlyDictionary<string, SourceFigures> _removed = new Dictionary<string, SourceFigures>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes the sinks of lanes; replaced when outputs change.</summary>
    private volatile SinkSet _sinks;

    private CancellationToken _ending;
    private Func<SourceLane, Task>? _onEnded;
    private Task[] _endings = [];

    /// <summary>Opens the sinks that all lanes share.</summary>
    /// <param name="settings">Which ones, and where lanes record.</param>
    /// <param name="moreSinks">Sinks beside those; from now on the set's.</param>
    /// <param name="ticketsInFlight">Frames that the batcher may have at once.</param>
    /// <param name="maxDetections">Detections that a frame can have.</param>
    /// <param name="run">What all lanes work with.</param>
    /// <exception cref="OutputException">One can't be written.</exception>
    public LaneSet(PipelineSettings settings, IReadOnlyList<ISink> moreSinks, int ticketsInFlight, int maxDetections, RunContext run)
    {
        _run = run;
        _ticketsInFlight = ticketsInFlight;
        _leaving = new LeavingLanes(run.Logger, run.Time);

        // Their queues grow with the lanes that feed them.
        _sinks = new SinkSet(settings, run.Meters.Labels, _written, run.Logger, run.Time);
        try
        {
            IReadOnlyList<ISink> shared = [.. _sinks.OpenShared(), .. moreSinks];
            _shared = [.. shared.Select(sink => MakeSink(sink, 1, maxDetections))];
        }
        catch
        {
            _sinks.Dispose();
            throw;
        }
    }

    /// <summary>The lanes in the order of the settings.</summary>
    public IReadOnlyList<SourceLane> Lanes => _lanes;

    /// <summary>What makes the lanes' sinks.</summary>
    public SinkSet Outputs => _sinks;

    /// <summary>The sinks that all lanes share.</summary>
    public IReadOnlyList<RunningSink> SharedSinks => _shared;

    /// <summary>The folder of recordings; null where nothing is recorded there. Another one after the outputs have changed.</summary>
    public RecordingArchive? Recordings => _sinks.Recordings;

    /// <summary>All sinks.</summary>
    public IEnumerable<RunningSink> Sinks => _shared.Concat(_lanes.SelectMany(lane => lane.OwnSinks));

    /// <summary>Why sinks failed, those of lanes that were removed among them.</summary>
    public IEnumerable<Exception> SinkFailures =>
        _leaving.Failures.Concat(Sinks.Select(sink => sink.Monitor.Failure).OfType<Exception>());

    /// <summary>Frames out of their pools.</summary>
    public int FramesLeased => _lanes.Sum(lane => lane.FramesLeased) + _leaving.Lanes.Sum(lane => lane.FramesLeased);

    /// <summary>Sinks of removed lanes that hang and are left behind.</summary>
    public int SinksLeftBehind => _leaving.LeftBehind;

    /// <summary>The lane of a source; null where there is none.</summary>
    public SourceLane? Find(string name) =>
        Array.Find(_lanes, lane => lane.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Starts the shared sinks and every lane; lanes that are opened later start at once.</summary>
    /// <param name="onEnded">Told of each lane whose source has ended.</param>
    /// <param name="ending">Ends all reading.</param>
    public void Start(Func<SourceLane, Task> onEnded, CancellationToken ending)
    {
        _ending = ending;
        _onEnded = onEnded;
        foreach (RunningSink sink in _shared)
        {
            sink.Stage.Start();
        }

        foreach (SourceLane lane in _lanes)
        {
            Start(lane);
        }
    }

    /// <summary>Opens a lane with its sinks, behind the others, and starts it where the others are started.</summary>
    /// <param name="source">The source, named.</param>
    /// <param name="settings">Everything else.</param>
    /// <param name="decoder">What decodes its frames.</param>
    /// <param name="isPaused">Whether it is to be paused from the beginning.</param>
    /// <exception cref="OutputException">A sink can't be written.</exception>
    public void Open(SourceSettings source, PipelineSettings settings, IDetectionDecoder decoder, bool isPaused = false)
    {
        bool latest = settings.Reading.Latest ?? SourceAddress.Parse(source.Uri).IsLive;
        IReadOnlyList<ISink> sinks = _sinks.OpenFor(source, latest);
        var plan = LanePlan.For(latest, _ticketsInFlight, sinks.Count + _shared.Length, decoder.MaxDetections);
        RunningSink[] own = [.. sinks.Select(sink => MakeSink(sink, plan.SinkCapacity, plan.MaxDetections))];
        SourceReaderOptions options = ReaderOptions.For(source, settings.Reading, latest);
        SourceLane lane = MakeLane(source, options, plan, decoder, settings.Drawing.With(source.Drawing), own);
        Log.FramesPlanned(_run.Logger, lane.Name, plan.PoolSize, plan.InputCapacity, plan.InFlight, plan.RenderCapacity, plan.SinkCapacity);
        if (isPaused)
        {
            _ = lane.Reader.PauseAsync();
        }

        _lanes = [.. _lanes, lane];
        int capacity = _lanes.Concat(_leaving.Lanes).Sum(other => other.Plan.SinkCapacity);
        foreach (RunningSink shared in _shared)
        {
            shared.Stage.Queue.Grow(capacity);
        }

        if (_onEnded is not null)
        {
            Start(lane);
        }
    }

    /// <summary>Checks what sinks would be made from, as far as that goes without opening anything.</summary>
    /// <exception cref="UsageException">A class of the events is not the model's.</exception>
    public void CheckOutputs(PipelineSettings settings)
    {
        foreach (SourceRecordingSettings? own in settings.Sources.Select(source => source.Recording).Prepend(null))
        {
            _ = RecordingOptions.EventsOf(settings.Recording.With(own), _run.Meters.Labels);
        }
    }

    /// <summary>
    /// From now on lanes write what other settings say. All lanes must have been removed; their sinks may still close. The outputs of
    /// before stay open, for a way back, until they are given up.
    /// </summary>
    /// <exception cref="OutputException">The folder of recordings can't be written: everything is as before.</exception>
    public void ChangeOutputs(PipelineSettings settings) => _sinks = _sinks.With(settings);

    /// <summary>A change that failed goes back to the outputs that there were before it.</summary>
    public void TakeOutputsBack(SinkSet outputs)
    {
        SinkSet failed = _sinks;
        _sinks = outputs;
        GiveUp(failed);
    }

    /// <summary>Closes outputs, where they are no more those of now, as soon as no sink that still closes needs them.</summary>
    public void GiveUp(SinkSet outputs)
    {
        if (outputs.Recordings != _sinks.Recordings)
        {
            _ = DisposeWhenClosedAsync(outputs);
        }
    }

    /// <summary>
    /// Ends lanes: their sources are closed, and what was read is processed. Their own sinks write it and close in the background.
    /// </summary>
    /// <returns>Ends, when the sources are closed, with a task that ends when the sinks are closed, or were given up and count as failed.</returns>
    public async Task<Task> RemoveAsync(IReadOnlyList<SourceLane> lanes)
    {
        foreach (SourceLane lane in lanes)
        {
            lane.Stop();
        }

        try
        {
            await Task.WhenAll(lanes.Select(lane => lane.Rendered)).WaitAsync(RenderTimeout, _run.Time);
        }
        catch (TimeoutException)
        {
            // Nobody can be made to wait for it longer.
        }

        return Task.WhenAll([.. lanes.Select(Forget)]);
    }

    /// <summary>Puts the lanes into the order of the settings.</summary>
    public void Arrange(PipelineSettings settings)
    {
        string[] order = [.. settings.Sources.Select(source => source.Name!)];
        _lanes = [.. _lanes.OrderBy(lane => Array.FindIndex(order, name => name.Equals(lane.Name, StringComparison.OrdinalIgnoreCase)))];
    }

    /// <summary>Once the batcher gives nothing more: waits until every frame is drawn and written, and every sink is closed.</summary>
    public Task DrainAsync() => Task.WhenAll(SinkDrain.WaitAsync(CompleteAsync(), [.. Sinks], _run.Time), _leaving.Closed);

    /// <summary>What became of each source, those that were removed among them.</summary>
    public IReadOnlyDictionary<string, SourceFigures> Figures(double wallSeconds)
    {
        var figures = _lanes.ToDictionary(lane => lane.Name, lane => lane.Figures(wallSeconds), StringComparer.OrdinalIgnoreCase);
        foreach ((string name, SourceFigures last) in _removed)
        {
            figures.TryAdd(name, last);
        }

        return figures;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (RunningSink sink in _shared)
        {
            sink.Stage.Dispose();
        }

        foreach (SourceLane lane in _lanes.Concat(_leaving.Lanes))
        {
            lane.TellLeaks();
            lane.Dispose();
        }

        _sinks.Dispose();
    }

    /// <summary>Keeps of a lane that has ended what the report needs.</summary>
    /// <returns>Ends when its sinks are closed, or given up.</returns>
    private Task Forget(SourceLane lane)
    {
        _lanes = [.. _lanes.Where(other => other != lane)];
        _run.Meters.Retire(lane.Meter);
        HashSet<string> metered = [.. _run.Meters.Sources.Select(source => source.Name)];
        _removed = new Dictionary<string, SourceFigures>(
            _removed.Where(source => metered.Contains(source.Key)), StringComparer.OrdinalIgnoreCase)
        {
            [lane.Name] = lane.Figures(_run.Meters.Elapsed.TotalSeconds),
        };
        return _leaving.Add(lane);
    }

    /// <summary>A folder of recordings stays locked until no lane writes into it any more.</summary>
    private async Task DisposeWhenClosedAsync(SinkSet sinks)
    {
        await _leaving.Closed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        sinks.Dispose();
    }

    private void Start(SourceLane lane)
    {
        lane.Start(_ending);
        _endings = [.. _endings.Where(ending => !ending.IsCompleted), TellEndAsync(lane)];
    }

    private async Task TellEndAsync(SourceLane lane)
    {
        await lane.Ended;
        await _onEnded!(lane);
    }

    private SourceLane MakeLane(
        SourceSettings source, SourceReaderOptions options, LanePlan plan, IDetectionDecoder decoder, DrawingSettings drawing, RunningSink[] own)
    {
        try
        {
            return new SourceLane(source, options, plan, decoder, drawing, own, _shared, _run);
        }
        catch
        {
            Array.ForEach(own, sink => sink.Stage.Dispose());
            throw;
        }
    }

    private RunningSink MakeSink(ISink sink, int capacity, int maxDetections)
    {
        var health = new OutputHealth(sink.Name, _run.Logger, _run.Time);
        var monitor = new SinkMonitor(sink, health, _run.Meters, _run.Time);
        var queue = new FrameResultQueue(sink.Name, capacity, maxDetections);
        return new RunningSink(new SinkStage(sink, queue, health, monitor, _run.Time), monitor);
    }

    /// <summary>Waits for the drawing, and then for all sinks: no lane feeds the shared ones any more.</summary>
    private async Task CompleteAsync()
    {
        SourceLane[] lanes = _lanes;
        try
        {
            await Task.WhenAll([.. _endings, .. lanes.Concat(_leaving.Lanes).Select(lane => lane.Rendered)]);
        }
        finally
        {
            await Task.WhenAll([.. lanes.Select(lane => lane.Completion), .. _shared.Select(sink => sink.CompleteAsync())]);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Information, "{Source}: {Pool} frames (queue {Queue}, batches {Batches}, render {Render}, each sink {Sink}).")]
        public static partial void FramesPlanned(ILogger logger, string source, int pool, int queue, int batches, int render, int sink);
    }
}
