namespace Pipeline.Capture;

/// <summary>How a connection came to its end.</summary>
internal enum ConnectionOutcome
{
    /// <summary>It gave all there is, or all that was asked for.</summary>
    Complete,

    /// <summary>It was cancelled.</summary>
    Stopped,

    /// <summary>It could not be opened, or it broke.</summary>
    Broken,

    /// <summary>Its thread did not come back from native code and was left there.</summary>
    Hung,

    /// <summary>No stream can be opened in this process any more.</summary>
    Wedged,
}

/// <summary>A connection's end.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Reason">One line without credentials; null where nothing is to be said.</param>
internal readonly record struct ConnectionEnd(ConnectionOutcome Outcome, string? Reason = null);

/// <summary>
/// One opening of a source and the frames that it gave, on a thread of its own. What the thread opened it alone closes, even
/// where it comes back from native code long after it was abandoned.
/// </summary>
/// <remarks>It is disposed by who watches it, once it is complete: until then its end and an <see cref="Abandon"/> may meet.</remarks>
internal sealed class SourceConnection : IDisposable
{
    private readonly SourceAddress _address;
    private readonly Func<SourceWatch, CancellationToken, IFrameSource> _open;
    private readonly FrameDelivery _delivery;
    private readonly PauseSwitch? _pause;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _cancelled;
    private readonly TaskCompletionSource<ConnectionEnd> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes a connection; <see cref="Start"/> opens it.</summary>
    /// <param name="address">What is opened.</param>
    /// <param name="open">Opens it.</param>
    /// <param name="delivery">Where its frames go.</param>
    /// <param name="pause">Holds it between two frames; null where a pause is none of its affairs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it after the frame in its hand.</param>
    public SourceConnection(
        SourceAddress address,
        Func<SourceWatch, CancellationToken, IFrameSource> open,
        FrameDelivery delivery,
        PauseSwitch? pause,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        _address = address;
        _open = open;
        _delivery = delivery;
        _pause = pause;
        _time = time;
        _cancelled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Watch = new SourceWatch(time);
    }

    /// <summary>What its thread is doing.</summary>
    public SourceWatch Watch { get; }

    /// <summary>How many frames there should be; null where that is not known (yet).</summary>
    public long? FrameCount { get; private set; }

    /// <summary>What it declares of its pictures; null where it is not open yet, or says nothing.</summary>
    public string? Format { get; private set; }

    /// <summary>Ends, never with an error, once the source is closed, or its thread abandoned.</summary>
    public Task<ConnectionEnd> Completion => _completion.Task;

    /// <summary>Starts the thread.</summary>
    public void Start(string name) => new Thread(Run) { IsBackground = true, Name = $"capture {name}" }.Start();

    /// <inheritdoc/>
    public void Dispose() => _cancelled.Dispose();

    /// <summary>Asks it to end; where it sits in native code for at least a time, it is left there.</summary>
    /// <returns>Whether it was left.</returns>
    public bool Abandon(TimeSpan inCallFor, ConnectionEnd end)
    {
        _cancelled.Cancel();
        if (!Watch.TryAbandon(inCallFor))
        {
            return false;
        }

        return _completion.TrySetResult(end);
    }

    private void Run()
    {
        ConnectionEnd end;
        try
        {
            end = OpenAndRead(_cancelled.Token);
        }
        catch (CallAbandonedException)
        {
            // The completion was told when it was abandoned.
            end = new ConnectionEnd(ConnectionOutcome.Hung);
        }
        catch (LibraryWedgedException e)
        {
            end = new ConnectionEnd(ConnectionOutcome.Wedged, e.Message);
        }
        catch (OperationCanceledException) when (_cancelled.IsCancellationRequested)
        {
            end = new ConnectionEnd(ConnectionOutcome.Stopped);
        }
        catch (Exception e)
        {
            // Whatever a camera does is the state of that source and no reason for the others to stop.
            string reason = e is SourceException ? e.Message : $"{_address} can't be read: {e.Message}";
            end = new ConnectionEnd(ConnectionOutcome.Broken, SourceAddress.Redact(reason));
        }

        _completion.TrySetResult(end);
    }

    private ConnectionEnd OpenAndRead(CancellationToken cancellationToken)
    {
        using IFrameSource source = _open(Watch, cancellationToken);
        FrameCount = source.FrameCount;
        Format = source.Format;
        Watch.Progress();
        _delivery.Begin();
        long frames = 0;
        while (!_delivery.IsComplete && !cancellationToken.IsCancellationRequested)
        {
            if (_pause is { IsOn: true })
            {
                // The thread is its own: it may wait.
                _delivery.Hold(_pause, cancellationToken);
                continue;
            }

            long before = _time.GetTimestamp();
            if (!source.Grab(cancellationToken))
            {
                break;
            }

            if (_delivery.Deliver(source, Watch, before, cancellationToken))
            {
                frames++;
            }
        }

        return EndOf(source, frames, cancellationToken);
    }

    private ConnectionEnd EndOf(IFrameSource source, long frames, CancellationToken cancellationToken)
    {
        if (_delivery.IsComplete)
        {
            return new ConnectionEnd(ConnectionOutcome.Complete);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return new ConnectionEnd(ConnectionOutcome.Stopped);
        }

        if (frames == 0)
        {
            throw new SourceException($"{_address} holds no picture that can be read.");
        }

        // Some containers only estimate their number of frames from duration and rate: a frame or two is no damage.
        bool cutOff = _address.Kind != SourceKind.Pictures && FrameCount is { } claimed && frames < claimed - Math.Max(2, claimed / 100);
        return new ConnectionEnd(
            ConnectionOutcome.Complete,
            source.EndRemark ?? (cutOff ? $"{_address} ended after {frames} of {FrameCount} frames: the file is cut off or damaged." : null));
    }
}
