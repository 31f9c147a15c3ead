namespace Pipeline.Host.Metering;

/// <summary>The stages that are measured, in a frame's order.</summary>
public enum Stage
{
    /// <summary>Grabbing (files) and decoding a frame.</summary>
    Capture,

    /// <summary>Resizing and normalising it into a batch slot.</summary>
    Preprocess,

    /// <summary>The run of the session.</summary>
    Inference,

    /// <summary>Decoding the heads and suppressing.</summary>
    PostProcess,

    /// <summary>Drawing, and handing on to the sinks.</summary>
    Render,

    /// <summary>Encoding and writing video.</summary>
    Record,
}

/// <summary>Why a frame was lost.</summary>
public enum DropReason
{
    /// <summary>A live source's queue kept a newer frame instead.</summary>
    Newer,

    /// <summary>No pooled frame was free for it.</summary>
    Pool,

    /// <summary>It could not be decoded.</summary>
    Unreadable,

    /// <summary>Its batch's run failed.</summary>
    Inference,

    /// <summary>The render queue of its source was full, or drawing on it failed.</summary>
    Render,

    /// <summary>A sink was too slow for it, or has failed.</summary>
    Sink,

    /// <summary>The program was told to stop while it waited.</summary>
    Stopped,
}
