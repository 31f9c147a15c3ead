namespace Pipeline.Render;

/// <summary>Takes the encoded fragments of one source: a recorder, a stream. One thread calls it, its <see cref="FragmentStage"/>'s.</summary>
public interface IFragmentConsumer : IDisposable
{
    /// <summary>How it is.</summary>
    OutputHealth Health { get; }

    /// <summary>Takes one fragment, and a lease where it keeps it beyond the call. Its health tells what goes wrong.</summary>
    void Take(EncodedFragment fragment);

    /// <summary>Closes what it writes.</summary>
    void Complete();
}
