using System.Net;

namespace Pipeline.Host.Http;

/// <summary>
/// Counts wrong tokens by address, so that nobody can try many. An address that failed <see cref="Limit"/> times is refused
/// until <see cref="Window"/> after the first of these failures.
/// </summary>
/// <remarks>Thread-safe. Remembers a bounded number of addresses; beyond it, all new ones share one count.</remarks>
internal sealed class FailureLimiter(TimeProvider time)
{
    /// <summary>Wrong tokens that an address may send in a window.</summary>
    public const int Limit = 10;

    /// <summary>How long failures count.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private const int LargestMemory = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, (long Since, int Failures)> _failures = [];

    /// <summary>Whether an address may try again.</summary>
    public bool MayTry(IPAddress peer)
    {
        lock (_gate)
        {
            return !_failures.TryGetValue(KeyOf(peer), out var known) || known.Failures < Limit || IsOver(known.Since);
        }
    }

    /// <summary>An address sent a wrong token.</summary>
    public void Add(IPAddress peer)
    {
        lock (_gate)
        {
            if (_failures.Count >= LargestMemory)
            {
                Forget();
            }

            IPAddress key = KeyOf(peer);
            _failures[key] = _failures.TryGetValue(key, out var known) && !IsOver(known.Since)
                ? (known.Since, known.Failures + 1)
                : (time.GetTimestamp(), 1);
        }
    }

    /// <summary>An attacker with many addresses must not fill the memory: the unknown ones count as one.</summary>
    private IPAddress KeyOf(IPAddress peer) =>
        _failures.Count < LargestMemory || _failures.ContainsKey(peer) ? peer : IPAddress.None;

    private bool IsOver(long since) => time.GetElapsedTime(since) >= Window;

    private void Forget()
    {
        foreach ((IPAddress peer, (long since, _)) in _failures)
        {
            if (IsOver(since))
            {
                _failures.Remove(peer);
            }
        }
    }
}
