using Pipeline.PostProcess;

namespace Pipeline.Host.Running;

/// <summary>Why an operation of <see cref="RunControl"/> can't be done now; settings that are wrong are a <see cref="UsageException"/>.</summary>
internal enum ControlFault
{
    /// <summary>There is no source of that name.</summary>
    NoSuchSource,

    /// <summary>Another source has that name.</summary>
    NameTaken,

    /// <summary>There are as many sources as there may be.</summary>
    TooManySources,

    /// <summary>The source has ended or failed for good: it can be removed or changed, not paused or resumed.</summary>
    SourceEnded,

    /// <summary>The run is ending, or over.</summary>
    RunEnding,
}

/// <summary>An operation on a run that can't be done now. Nothing was changed.</summary>
/// <param name="fault">Why.</param>
/// <param name="message">One line for people.</param>
internal sealed class ControlException(ControlFault fault, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public ControlFault Fault { get; } = fault;

    /// <summary>There is no source of a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="names">Those that there are, one of which may be meant.</param>
    public static ControlException NoSuchSource(string name, IEnumerable<string> names) =>
        new(ControlFault.NoSuchSource, $"There is no source '{name}'.{NearestName.Suggest(name, names)}");
}
