using System.Diagnostics.CodeAnalysis;

namespace Pipeline.Capture;

/// <summary>
/// The way of a source's frames from its connection to the pipeline: leased, filled, stamped, handed on. Numbers and times go
/// on from one connection to the next.
/// </summary>
/// <remarks>One connection's thread at a time.</remarks>
internal sealed class FrameDelivery(
    string source, bool live, SourceReaderOptions options, FramePool pool, IFrameReceiver receiver, SourceLife life, TimeProvider time)
{
    private const string Holder = "capture";

    /// <summary>The least time between two frames that are handed on.</summary>
    private readonly TimeSpan _interval = options.MaximumRate is { } rate ? TimeSpan.FromSeconds(1 / rate) : TimeSpan.Zero;

    private long _started;
    private long _grabbed;
    private TimeSpan _presentationTime = TimeSpan.MinValue;
    private TimeSpan _nextDue = TimeSpan.MinValue;

    /// <summary>The connection of the frame before, and how often its stream time had jumped.</summary>
    private IFrameSource? _connection;
    private int _discontinuities;
    private int _segment = -1;

    /// <summary>Frames grabbed so far. Any thread may ask.</summary>
    public long Grabbed => Volatile.Read(ref _grabbed);

    /// <summary>Whether all the frames that were asked for have been grabbed.</summary>
    public bool IsComplete => _grabbed >= options.MaximumFrames;

    /// <summary>The clock of the frames starts with the first connection that opens.</summary>
    public void Begin()
    {
        if (_started == 0)
        {
            _started = time.GetTimestamp();
        }
    }

    /// <summary>Delivers the picture that the connection has grabbed.</summary>
    /// <param name="connection">It.</param>
    /// <param name="watch">Told while the thread waits for the pipeline.</param>
    /// <param name="before">When the grabbing began.</param>
    /// <param name="cancellationToken">Ends waiting for a free frame, and for the moment that a paced frame is due.</param>
    /// <returns>Whether there was a picture; one that the pipeline had no room for counts.</returns>
    public bool Deliver(IFrameSource connection, SourceWatch watch, long before, CancellationToken cancellationToken)
    {
        long captured = time.GetTimestamp();
        DateTimeOffset capturedAt = time.GetUtcNow();
        long number = _grabbed;
        Volatile.Write(ref _grabbed, number + 1);
        NoteSegment(connection);
        TimeSpan now = connection.PresentationTime ?? time.GetElapsedTime(_started, captured);
        if (!IsDue(now))
        {
            NoteFrame(watch);
            return true;
        }

        if (!TryRent(watch, cancellationToken, out Frame? frame))
        {
            receiver.OnPassedOver();
            NoteFrame(watch);
            return true;
        }

        long filling = time.GetTimestamp();
        if (!TryFill(connection, frame))
        {
            receiver.OnSkipped($"frame {number}");
            return false;
        }

        frame.Describe(source, number, captured, capturedAt, Rising(now), _segment);

        // A camera's grab is a wait for the next picture, not work; nor is the wait for a free frame.
        TimeSpan grabbing = live ? TimeSpan.Zero : time.GetElapsedTime(before, captured);
        receiver.OnCaptured(grabbing + time.GetElapsedTime(filling));
        NoteFrame(watch);
        watch.Hold();
        PaceTo(frame.PresentationTime, cancellationToken);
        frame.PassOn(Holder, "queue");
        receiver.Receive(frame, cancellationToken);
        watch.Resume();
        return true;
    }

    /// <summary>Blocks while the source is paused between two frames; the time does not count for pacing.</summary>
    public void Hold(PauseSwitch pause, CancellationToken cancellationToken)
    {
        long before = time.GetTimestamp();
        life.OnPaused();
        pause.ObeyAsync(cancellationToken).GetAwaiter().GetResult();
        life.OnOpening();
        _started += time.GetTimestamp() - before;
    }

    /// <summary>Begins a new segment where this frame does not follow on the one before.</summary>
    private void NoteSegment(IFrameSource connection)
    {
        bool isSameConnection = ReferenceEquals(connection, _connection);
        if (!isSameConnection || connection.Discontinuities != _discontinuities || life.State == SourceState.Stalled)
        {
            _segment++;
            _connection = connection;
            _discontinuities = connection.Discontinuities;
        }
    }

    private void NoteFrame(SourceWatch watch)
    {
        watch.Progress();
        life.OnFrame();
    }

    private bool TryRent(SourceWatch watch, CancellationToken cancellationToken, [NotNullWhen(true)] out Frame? frame)
    {
        if (options.Latest)
        {
            return pool.TryRent(Holder, out frame);
        }

        watch.Hold();
        try
        {
            frame = pool.Rent(Holder, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The picture was never taken: it does not count, and the next one has its number.
            Volatile.Write(ref _grabbed, _grabbed - 1);
            throw;
        }

        watch.Resume();
        return true;
    }

    private static bool TryFill(IFrameSource connection, Frame frame)
    {
        bool filled = false;
        try
        {
            return filled = connection.Retrieve(frame);
        }
        finally
        {
            if (!filled)
            {
                frame.Dispose();
            }
        }
    }

    /// <summary>Whether the frame of a moment is handed on, at the highest rate allowed.</summary>
    private bool IsDue(TimeSpan now)
    {
        if (now < _nextDue)
        {
            return false;
        }

        // Counted from when the last one was due, not from when it came, so that the rate is met on average.
        TimeSpan next = _nextDue + _interval;
        _nextDue = next > now ? next : now + _interval;
        return true;
    }

    /// <summary>The frame's presentation time: the stream's own, or the capture clock for live sources; always rising.</summary>
    private TimeSpan Rising(TimeSpan now) =>
        _presentationTime = now > _presentationTime ? now : _presentationTime + TimeSpan.FromMilliseconds(1);

    private void PaceTo(TimeSpan presentationTime, CancellationToken cancellationToken)
    {
        if (options.Pace && !live)
        {
            _ = Pause.For(presentationTime - time.GetElapsedTime(_started), time, cancellationToken);
        }
    }
}
