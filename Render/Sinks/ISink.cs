namespace Pipeline.Render;

/// <summary>Something that takes annotated frames: a file, a window, a stream. One thread calls it, its <see cref="SinkStage"/>'s.</summary>
public interface ISink : IDisposable
{
    /// <summary>What it is, for the log: "recording out/demo.mp4".</summary>
    string Name { get; }

    /// <summary>Whether it looks at pixels just now, so that they must be drawn on. Asked by render threads for every frame.</summary>
    bool NeedsPixels { get; }

    /// <summary>The outputs behind it that fail and recover on their own; empty where it is one output itself.</summary>
    IReadOnlyList<OutputHealth> Parts => [];

    /// <summary>
    /// Takes one frame; the pixels are read-only, and gone when it returns. After an error it is called again some time later,
    /// and opens anew what it needs.
    /// </summary>
    /// <exception cref="OutputException">The output can't be written at present.</exception>
    void Write(FrameResult result);

    /// <summary>Closes the output, after whatever errors: what was written is complete and playable after it.</summary>
    /// <exception cref="OutputException">The output could not be completed.</exception>
    void Complete();
}
