namespace Pipeline.Capture;

/// <summary>
/// Something open that gives one picture after another. It belongs to one thread, its reader's.
/// </summary>
internal interface IFrameSource : IDisposable
{
    /// <summary>How many frames it claims to have; null where there is no end, or none known.</summary>
    long? FrameCount { get; }

    /// <summary>Size, coding and rate as declared, like 640x480 YUYV 30 fps; null where they are not worth telling.</summary>
    string? Format { get; }

    /// <summary>The stream's own time of the grabbed picture, not falling; null where capture times must serve (live).</summary>
    TimeSpan? PresentationTime { get; }

    /// <summary>How often its stream time has jumped so far.</summary>
    int Discontinuities { get; }

    /// <summary>What a person should know of its end, once it has come; null for nothing.</summary>
    string? EndRemark { get; }

    /// <summary>Moves to the next picture. A live source waits for it; false at the end.</summary>
    /// <exception cref="SourceException">It broke: a live source has no end.</exception>
    bool Grab(CancellationToken cancellationToken);

    /// <summary>Decodes the grabbed picture into the frame's own memory.</summary>
    /// <returns>Whether there is a picture: a broken one is no reason to end.</returns>
    bool Retrieve(Frame frame);
}
