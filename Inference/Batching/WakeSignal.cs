using System.Threading.Channels;

namespace Pipeline.Inference;

/// <summary>
/// Wakes one loop when something may be there to do. Set any number of times before it is looked at, it wakes once. Any thread
/// sets; one waits; nothing is allocated.
/// </summary>
internal sealed class WakeSignal
{
    /// <summary>Holds one token while the signal is set.</summary>
    private readonly Channel<bool> _token = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Wakes the loop, now or when it next waits.</summary>
    public void Set() => _token.Writer.TryWrite(true);

    /// <summary>Waits until the signal is set, and takes it back.</summary>
    public ValueTask<bool> WaitAsync() => _token.Reader.ReadAsync();
}
