using Microsoft.Extensions.Logging;

namespace Pipeline.Host.Running;

/// <summary>
/// Lanes that were removed while the run goes on: their sources are closed, and their own sinks write what they have and close in the
/// background, so that one that hangs holds up no change of another source.
/// </summary>
/// <remarks>
/// A source of the same name may come meanwhile: it writes files of its own, and what the old one still writes stays the old one's.
/// Any number of threads may use it.
/// </remarks>
internal sealed partial class LeavingLanes
{
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    /// <summary>See <see cref="Lanes"/>; some that are gone by now may be among them.</summary>
    private readonly List<SourceLane> _lanes = [];

    /// <summary>Ends of the waiting for them; those that have ended go with the next lane.</summary>
    private readonly List<Task> _closings = [];

    /// <summary>Why sinks of lanes that are gone had failed.</summary>
    private readonly List<Exception> _failures = [];

    private int _leftBehind;

    /// <summary>Makes an empty one.</summary>
    /// <param name="logger">Where sinks that do not close are told.</param>
    /// <param name="time">The clock of the waiting.</param>
    public LeavingLanes(ILogger logger, TimeProvider time)
    {
        _logger = logger;
        _time = time;
    }

    /// <summary>Those of which something is left: a sink that is not closed, or frames that a sink still has.</summary>
    public IReadOnlyList<SourceLane> Lanes
    {
        get
        {
            lock (_gate)
            {
                Prune();
                return [.. _lanes];
            }
        }
    }

    /// <summary>Sinks that were given up and have not closed since.</summary>
    public int LeftBehind => Volatile.Read(ref _leftBehind);

    /// <summary>Why their sinks failed.</summary>
    public IReadOnlyList<Exception> Failures
    {
        get
        {
            lock (_gate)
            {
                return [.. _failures, .. _lanes.SelectMany(FailuresOf)];
            }
        }
    }

    /// <summary>Ends once every lane so far has closed its sinks, or they were given up.</summary>
    public Task Closed
    {
        get
        {
            lock (_gate)
            {
                return Task.WhenAll(_closings);
            }
        }
    }

    /// <summary>Takes over a lane whose source is closed.</summary>
    /// <returns>Ends once its sinks are closed, or given up.</returns>
    public Task Add(SourceLane lane)
    {
        lock (_gate)
        {
            Prune();
            _lanes.Add(lane);
            Task closing = CloseAsync(lane);
            _closings.RemoveAll(earlier => earlier.IsCompletedSuccessfully);
            _closings.Add(closing);
            return closing;
        }
    }

    private static IEnumerable<Exception> FailuresOf(SourceLane lane) => lane.OwnSinks.Select(sink => sink.Monitor.Failure).OfType<Exception>();

    private async Task CloseAsync(SourceLane lane)
    {
        try
        {
            IReadOnlyList<RunningSink> givenUp = await SinkDrain.WaitAsync(lane.Completion, lane.OwnSinks, _time);
            foreach (RunningSink sink in givenUp)
            {
                _ = FollowAsync(lane, sink);
            }
        }
        finally
        {
            // What is still out is freed when it comes back.
            lane.Dispose();
        }
    }

    /// <summary>Counts a sink that was given up, until it does close, if ever.</summary>
    private async Task FollowAsync(SourceLane lane, RunningSink sink)
    {
        Log.LeftBehind(_logger, lane.Name, sink.Stage.Queue.Holder, SinkDrain.Limit.TotalSeconds);
        Interlocked.Increment(ref _leftBehind);
        await sink.Stage.Completion;
        Interlocked.Decrement(ref _leftBehind);
        Log.ClosedAfterAll(_logger, lane.Name, sink.Stage.Queue.Holder);
    }

    /// <summary>Forgets lanes of which nothing is left but what their sinks had to say.</summary>
    private void Prune()
    {
        foreach (SourceLane gone in _lanes.Where(IsGone).ToArray())
        {
            _failures.AddRange(FailuresOf(gone));
            _lanes.Remove(gone);
        }
    }

    private static bool IsGone(SourceLane lane) =>
        lane.FramesLeased == 0 && lane.OwnSinks.All(sink => sink.Stage.Completion.IsCompleted);

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Error, "{Source} was removed, but {Sink} has moved nothing for {Seconds:F0} s and is left behind: what it has not written yet is lost, unless it comes back.")]
        public static partial void LeftBehind(ILogger logger, string source, string sink, double seconds);

        [LoggerMessage(4, LogLevel.Information, "{Source} was removed, and {Sink} is closed after all.")]
        public static partial void ClosedAfterAll(ILogger logger, string source, string sink);
    }
}
