using Pipeline.Capture;
using Pipeline.Host.Configuration;

namespace Pipeline.Host.Running;

/// <summary>One source at one moment, as /api/sources shows it. Immutable.</summary>
internal sealed record SourceStatus
{
    /// <summary>Its name: what the operations of <see cref="RunControl"/> call it.</summary>
    public required string Name { get; init; }

    /// <summary>Its address, without user name and password.</summary>
    public required string Address { get; init; }

    /// <summary>Where in its life it is.</summary>
    public required SourceState State { get; init; }

    /// <summary>Why it delivers nothing, in one line without credentials; null where it does, or nothing is known yet.</summary>
    public required string? Trouble { get; init; }

    /// <summary>What the camera, stream or file declares: size, coding and rate; null where it says nothing.</summary>
    public required string? Format { get; init; }

    /// <summary>Width of its last frame in pixels; 0 before the first.</summary>
    public required int Width { get; init; }

    /// <summary>Height of its last frame in pixels; 0 before the first.</summary>
    public required int Height { get; init; }

    /// <summary>Results a second, over the last seconds.</summary>
    public required double FramesPerSecond { get; init; }

    /// <summary>Frames grabbed, since the name was first used in this run.</summary>
    public required long Captured { get; init; }

    /// <summary>Frames with a result, since the name was first used in this run.</summary>
    public required long Results { get; init; }

    /// <summary>Frames lost, a sink's losses apart, since the name was first used in this run.</summary>
    public required long Dropped { get; init; }

    /// <summary>How often it came back after it had been lost.</summary>
    public required long Reconnects { get; init; }

    /// <summary>Native calls that did not return and are left behind.</summary>
    public required int HungCalls { get; init; }

    /// <summary>Its settings. The address within has its password: not for showing.</summary>
    public required SourceSettings Settings { get; init; }
}
