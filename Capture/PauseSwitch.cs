namespace Pipeline.Capture;

/// <summary>The switch that pauses a source: turned from outside, obeyed by whoever reads it.</summary>
/// <remarks>Thread-safe. Between two frames the reading side looks at <see cref="IsOn"/> only, which costs nothing.</remarks>
internal sealed class PauseSwitch
{
    private readonly Lock _turning = new();
    private volatile Request? _request;
    private CancellationTokenSource? _attempt;

    /// <summary>Whether the source is to be paused.</summary>
    public bool IsOn => _request is not null;

    /// <summary>Turns it on, and cancels the attempt that is going on, where one is.</summary>
    /// <returns>Ends once the reading side has obeyed.</returns>
    public Task TurnOn()
    {
        lock (_turning)
        {
            _request ??= new Request();
            _attempt?.Cancel();
            return _request.Obeyed.Task;
        }
    }

    /// <summary>Turns it off: the reading side goes on.</summary>
    public void TurnOff()
    {
        lock (_turning)
        {
            // Off again before the reading side saw it: nobody waits for that in vain.
            _request?.Obeyed.TrySetResult();
            _request?.Over.SetResult();
            _request = null;
        }
    }

    /// <summary>The reading side begins something that a pause cancels; null: it has ended.</summary>
    public void Cancels(CancellationTokenSource? attempt)
    {
        lock (_turning)
        {
            _attempt = attempt;
            if (IsOn)
            {
                attempt?.Cancel();
            }
        }
    }

    /// <summary>The reading side has come to rest: it waits here until the switch is off, or it is told to end.</summary>
    public async Task ObeyAsync(CancellationToken stop)
    {
        if (_request is { } request)
        {
            request.Obeyed.TrySetResult();
            await request.Over.Task.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One pause: from its being asked for to its end.</summary>
    private sealed class Request
    {
        /// <summary>The reading side has come to rest.</summary>
        public TaskCompletionSource Obeyed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>It may go on.</summary>
        public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
