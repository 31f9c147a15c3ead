namespace Pipeline.Render;

/// <summary>Something that takes annotated frames: a file, a window, a stream. One thread calls it, its <see cref="SinkStage"/>'s.</summary>
public interface ISink : IDisposable
{
    /// <summary>What it is, for the log: "recording out/demo.mp4".</summary>
    string Name { get; }

    /// <summary>Whether it looks at pixels just now, so that they must be drawn on. Asked by render threads for every frame.</summary>
    bool NeedsPixels { get; }

    /// <summary>Takes one frame; the pixels are read-only, and gone when it returns.</summary>
    /// <exception cref="OutputException">The output can't be written any more.</exception>
    void Write(FrameResult result);

    /// <summary>Closes the output: what was written is complete and playable after it.</summary>
    /// <exception cref="OutputException">The output could not be completed.</exception>
    void Complete();
}
