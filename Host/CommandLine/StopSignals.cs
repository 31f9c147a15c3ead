using System.Runtime.InteropServices;

namespace Pipeline.Host.CommandLine;

/// <summary>
/// SIGINT and SIGTERM: the first one asks a command to end well, a second one is left to the system's own way of ending a process,
/// at once. Made and disposed by one thread; signals come on another.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Action? _onFirst;
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;

    /// <summary>Takes the signals from now on.</summary>
    /// <param name="onFirst">Called at the first one, before <see cref="Token"/> is cancelled.</param>
    public StopSignals(Action? onFirst = null)
    {
        _onFirst = onFirst;
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Take);
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Takes another signal that is to mean the same.</summary>
    public void Take(PosixSignalContext context)
    {
        if (!_stop.IsCancellationRequested)
        {
            context.Cancel = true;
            _onFirst?.Invoke();
            _stop.Cancel();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _stop.Dispose();
    }
}
