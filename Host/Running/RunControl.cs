using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Pipeline.Host.Configuration;
using Pipeline.Inference;
using Pipeline.PostProcess;
using Pipeline.Render;

namespace Pipeline.Host.Running;

/// <summary>
/// Changes a run while it runs: sources come, go, pause and change, and so do thresholds and classes. What a change does not
/// concern goes on and loses nothing.
/// </summary>
/// <remarks>
/// Any thread may call any member at any time. Changes are made one after another, in the order of their calls, and off the
/// frames' path. A change is checked whole before anything of it is made: settings that are wrong change nothing. Once begun
/// it is finished; a token only ends waiting, for its turn and for a source that is to rest. A change that removes a source, or pauses one, returns when that is
/// done to the end, but waits for its files and threads after its turn: however long they take, the next change is made meanwhile.
/// </remarks>
internal sealed partial class RunControl : IDisposable
{
    private readonly LaneSet _lanes;
    private readonly DecoderSet _decoders;
    private readonly SourceQueues<FrameTicket> _queues;
    private readonly ILogger _logger;

    /// <summary>Whose turn it is; nobody's before the run has started.</summary>
    private readonly SemaphoreSlim _turn = new(0, 1);

    private CancellationToken _ending;
    private volatile PipelineSettings _settings;
    private bool _isOver;

    /// <summary>Makes the control of a run; operations wait until <see cref="Begin"/>.</summary>
    /// <param name="settings">What the run was made with, its sources named.</param>
    /// <param name="lanes">The lanes.</param>
    /// <param name="decoders">The decoders.</param>
    /// <param name="queues">The batcher's queues: completed when no source can come any more.</param>
    /// <param name="logger">Where changes are told.</param>
    public RunControl(
        PipelineSettings settings, LaneSet lanes, DecoderSet decoders, SourceQueues<FrameTicket> queues, ILogger logger)
    {
        _settings = settings;
        _lanes = lanes;
        _decoders = decoders;
        _queues = queues;
        _logger = logger;
    }

    /// <summary>
    /// What the run does now: the settings it began with and all changes since, every source with its name. An immutable
    /// snapshot. Addresses have their passwords: not for showing.
    /// </summary>
    public PipelineSettings Settings => _settings;

    /// <summary>The sources at this moment, in the order of the settings; ended and failed ones stay until they are removed.</summary>
    public IReadOnlyList<SourceStatus> Sources => [.. _lanes.Lanes.Select(lane => lane.Status)];

    /// <summary>Adds a source and starts it.</summary>
    /// <param name="source">Its settings; without a name it gets one made from its address.</param>
    /// <param name="cancellationToken">Ends the waiting for its turn.</param>
    /// <returns>The source's name.</returns>
    /// <exception cref="UsageException">The settings are wrong.</exception>
    /// <exception cref="ControlException">The name is taken, or the run is ending.</exception>
    /// <exception cref="OutputException">An output of the source can't be written: it is not added.</exception>
    public Task<string> AddSourceAsync(SourceSettings source, CancellationToken cancellationToken = default) =>
        InTurnAsync(
            async () =>
            {
                RefuseTaken(source.Name);
                Made made = await ChangeAsync(_settings with { Sources = [.. _settings.Sources, source] });
                return made.Change.Result.Sources[^1].Name!;
            },
            cancellationToken);

    /// <summary>Removes a source: closes it, finishes what was read of it, and closes its recordings. It then may be added anew.</summary>
    /// <exception cref="ControlException">There is no such source, or the run is ending.</exception>
    public async Task RemoveSourceAsync(string name, CancellationToken cancellationToken = default)
    {
        Made made = await InTurnAsync(() => ChangeAsync(With(Get(name).Name, source: null)), cancellationToken);
        await made.Closed;
    }

    /// <summary>
    /// Changes a source: other thresholds and classes from its next frame on; anything else, its name and address among them,
    /// by closing it and opening it anew in its place. A paused source stays paused.
    /// </summary>
    /// <param name="name">Its name now.</param>
    /// <param name="change">
    /// Makes all its settings of those that it has when it is its turn, so that two changes of different keys both hold;
    /// without a name it keeps the one it has. What it throws, this throws.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting for its turn.</param>
    /// <returns>Its name from now on.</returns>
    /// <exception cref="UsageException">The settings are wrong.</exception>
    /// <exception cref="ControlException">There is no such source, the new name is taken, or the run is ending.</exception>
    /// <exception cref="OutputException">An output can't be written: the source is opened again as it was.</exception>
    public async Task<string> ChangeSourceAsync(
        string name, Func<SourceSettings, SourceSettings> change, CancellationToken cancellationToken = default)
    {
        (string newName, Made made) = await InTurnAsync(
            async () =>
            {
                SourceLane lane = Get(name);
                SourceSettings changed = change(lane.Settings);
                changed = changed with { Name = changed.Name ?? lane.Name };
                if (!changed.Name.Equals(lane.Name, StringComparison.OrdinalIgnoreCase))
                {
                    RefuseTaken(changed.Name);
                }

                return (changed.Name, await ChangeAsync(With(lane.Name, changed), lane.Reader.IsPaused ? changed.Name : null));
            },
            cancellationToken);
        await made.Closed;
        return newName;
    }

    /// <summary>
    /// Pauses a source: a camera or connection is closed, a file held where it is. Its recordings stay open. Does nothing to
    /// one that is paused.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the waiting, for its turn and for the source; the pause itself stays.</param>
    /// <returns>Ends once it is paused.</returns>
    /// <exception cref="ControlException">There is no such source, it has ended, or the run is ending.</exception>
    public async Task PauseSourceAsync(string name, CancellationToken cancellationToken = default)
    {
        // A file whose recording hangs does not come to rest: it waits for a free frame, and nobody else for it.
        Task paused = await InTurnAsync(() => Task.FromResult(GetRunning(name).Reader.PauseAsync()), cancellationToken);
        await paused.WaitAsync(cancellationToken);
    }

    /// <summary>Resumes a source: it is opened again. Does nothing to one that is not paused.</summary>
    /// <exception cref="ControlException">There is no such source, it has ended, or the run is ending.</exception>
    public Task ResumeSourceAsync(string name, CancellationToken cancellationToken = default) =>
        InTurnAsync(
            () =>
            {
                GetRunning(name).Reader.Resume();
                return Task.CompletedTask;
            },
            cancellationToken);

    /// <summary>Changes what counts as a detection on all sources that have no settings of their own for it.</summary>
    /// <param name="change">Makes all of it of what holds when it is its turn. What it throws, this throws.</param>
    /// <param name="cancellationToken">Ends the waiting for its turn.</param>
    /// <exception cref="UsageException">A value is out of its range, or a class is none of the model's.</exception>
    /// <exception cref="ModelException">The model does not allow such thresholds.</exception>
    /// <exception cref="ControlException">The run is ending.</exception>
    public Task ChangeDetectionAsync(
        Func<DetectionSettings, DetectionSettings> change, CancellationToken cancellationToken = default) =>
        InTurnAsync(() => ChangeAsync(_settings with { Detection = change(_settings.Detection) }), cancellationToken);

    /// <summary>
    /// Makes the run what a configuration says, as far as that goes without a restart: sources, thresholds and classes, and
    /// the outputs of each source. Changes made by other operations are undone where the configuration says otherwise.
    /// </summary>
    /// <param name="settings">The configuration.</param>
    /// <param name="cancellationToken">Ends the waiting for its turn.</param>
    /// <returns>What was changed, and the keys that wait for a restart.</returns>
    /// <exception cref="UsageException">The configuration is wrong; nothing was changed.</exception>
    /// <exception cref="ModelException">The model does not allow such thresholds; nothing was changed.</exception>
    /// <exception cref="ControlException">The run is ending.</exception>
    /// <exception cref="OutputException">An output can't be written: everything is as it was, its sources opened again.</exception>
    public async Task<SettingsChange> ReloadAsync(PipelineSettings settings, CancellationToken cancellationToken = default)
    {
        Made made = await InTurnAsync(() => ChangeAsync(settings), cancellationToken);
        await made.Closed;
        return made.Change;
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>The run has started: operations are made from now on.</summary>
    /// <param name="ending">Cancelled when the run is to end.</param>
    internal void Begin(CancellationToken ending)
    {
        _ending = ending;
        _turn.Release();
    }

    /// <summary>
    /// To be called when a source has ended and when the run is to end: where no source runs, and none is waited for, no more
    /// can come, and the batcher ends.
    /// </summary>
    internal async Task EndIfOverAsync()
    {
        await _turn.WaitAsync(CancellationToken.None);
        bool waits = _settings.Reading.KeepRunning && !_ending.IsCancellationRequested;
        if (!waits && _lanes.Lanes.All(lane => lane.Ended.IsCompleted))
        {
            _isOver = true;
            _queues.Complete();
        }

        _turn.Release();
    }

    /// <summary>Makes no more changes; the one that is being made is finished first.</summary>
    internal async Task EndAsync()
    {
        await _turn.WaitAsync(CancellationToken.None);
        _isOver = true;
        _turn.Release();
    }

    private async Task<T> InTurnAsync<T>(Func<Task<T>> operation, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return _isOver || _ending.IsCancellationRequested
                ? throw new ControlException(ControlFault.RunEnding, "The run is ending: nothing can be changed any more.")
                : await operation();
        }
        finally
        {
            _turn.Release();
        }
    }

    private Task<bool> InTurnAsync(Func<Task> operation, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            await operation();
            return true;
        },
        cancellationToken);

    private SourceLane Get(string name) => _lanes.Find(name)
        ?? throw ControlException.NoSuchSource(name, _lanes.Lanes.Select(lane => lane.Name));

    private SourceLane GetRunning(string name) => Get(name) is { Ended.IsCompleted: false } lane
        ? lane
        : throw new ControlException(ControlFault.SourceEnded, $"{name} has ended: change it or add it anew to open it again.");

    private void RefuseTaken(string? name)
    {
        if (name is not null && _lanes.Find(name) is { } other)
        {
            throw new ControlException(ControlFault.NameTaken, $"There is a source '{other.Name}' already: choose another name.");
        }
    }

    /// <summary>Goes over from the settings of now to others: checks all of it, and then does it, or goes back.</summary>
    /// <param name="wanted">The others.</param>
    /// <param name="alsoPaused">The new name of a source that is paused now; those that keep their names stay paused anyway.</param>
    private async Task<Made> ChangeAsync(PipelineSettings wanted, string? alsoPaused = null)
    {
        SettingsValidator.Validate(wanted);
        PipelineSettings named = SourceNames.Name(wanted);
        OutputPaths.RefuseClashes(named);
        _lanes.CheckOutputs(named);
        PipelineSettings before = _settings;
        var change = SettingsChange.Between(before, named);
        IReadOnlyDictionary<string, IDetectionDecoder> decoders = _decoders.Choose(change.Result);
        HashSet<string> paused = new(_lanes.Lanes.Where(lane => lane.Reader.IsPaused).Select(lane => lane.Name), StringComparer.OrdinalIgnoreCase);
        if (alsoPaused is not null)
        {
            paused.Add(alsoPaused);
        }

        Task closed = await _lanes.RemoveAsync([.. change.Removed.Concat(change.Reopened).Select(Get)]);
        SourceLane[] untouched = [.. _lanes.Lanes];
        SinkSet outputs = _lanes.Outputs;
        if (TryGo(change.Result, decoders, paused, change.Outputs) is { } fault)
        {
            await _lanes.RemoveAsync([.. _lanes.Lanes.Except(untouched)]);
            _lanes.TakeOutputsBack(outputs);
            GoBack(before, paused, change.Outputs);
            ExceptionDispatchInfo.Throw(fault);
        }

        _lanes.GiveUp(outputs);
        if (change.ChangesRun)
        {
            Log.Changed(_logger, change.Summary);
        }

        return new Made(change, closed);
    }

    /// <summary>Opens what is missing for some settings, and sets what counts as a detection.</summary>
    /// <returns>What went wrong, an output that can't be written for one; null where nothing did.</returns>
    private Exception? TryGo(
        PipelineSettings settings, IReadOnlyDictionary<string, IDetectionDecoder> decoders, HashSet<string> paused, bool outputs)
    {
        try
        {
            if (outputs)
            {
                _lanes.ChangeOutputs(settings);
            }

            foreach (SourceSettings source in settings.Sources)
            {
                if (_lanes.Find(source.Name!) is { } lane)
                {
                    lane.Change(source, decoders[lane.Name], settings.Drawing.With(source.Drawing));
                }
                else
                {
                    _lanes.Open(source, settings, decoders[source.Name!], paused.Contains(source.Name!));
                }
            }

            _settings = settings;
            _lanes.Arrange(settings);
            return null;
        }
        catch (Exception e)
        {
            // Whatever it is, what was closed for the change must not stay closed.
            return e;
        }
    }

    /// <summary>Opens what was closed for a change that failed. What can't be opened any more is given up.</summary>
    private void GoBack(PipelineSettings before, HashSet<string> paused, bool outputs)
    {
        if (TryGo(before, _decoders.Choose(before), paused, outputs) is { } fault)
        {
            SourceSettings[] left = [.. before.Sources.Where(source => _lanes.Find(source.Name!) is not null)];
            Log.Lost(_logger, string.Join(", ", before.Sources.Except(left).Select(source => source.Name)), fault.Message);
            _settings = before with { Sources = left };
            _lanes.Arrange(_settings);
        }
    }

    /// <summary>The settings with another source in the place of one, or with none in its place.</summary>
    private PipelineSettings With(string name, SourceSettings? source) => _settings with
    {
        Sources = [.. _settings.Sources.SelectMany(other => other.Name != name ? [other] : source is null ? Array.Empty<SourceSettings>() : [source])],
    };

    /// <summary>A change that is made.</summary>
    /// <param name="Change">What changed.</param>
    /// <param name="Closed">Ends when the files of sources that were removed or opened anew are closed, or given up.</param>
    private sealed record Made(SettingsChange Change, Task Closed);

    private static partial class Log
    {
        [LoggerMessage(51, LogLevel.Error, "{Sources}: gone, since neither the new outputs can be written nor those of before. {Reason}")]
        public static partial void Lost(ILogger logger, string sources, string reason);

        [LoggerMessage(50, LogLevel.Information, "Changed: {What}.")]
        public static partial void Changed(ILogger logger, string what);
    }
}
