namespace Pipeline.Render;

/// <summary>Where a recorder's files go: one file, or segments in a folder. One thread calls it, its recorder's.</summary>
internal interface IRecordingTarget : IDisposable
{
    /// <summary>What it is, for the log.</summary>
    string Name { get; }

    /// <summary>Whether a key frame is to begin a new file, since the present one is long enough.</summary>
    bool IsFull(FragmentFile file);

    /// <summary>Fails where nothing may be written at present. Called before each fragment, so it must be quick.</summary>
    /// <exception cref="OutputException">There is no room.</exception>
    void RequireRoom();

    /// <summary>Begins a file.</summary>
    /// <param name="first">The fragment that will be the first.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    /// <exception cref="OutputException">There is no room.</exception>
    FragmentFile Open(EncodedFragment first);

    /// <summary>Completes a file and gives it its final name. The file is disposed if this succeeds.</summary>
    /// <exception cref="IOException">It could not be completed; it stays open.</exception>
    void Close(FragmentFile file);

    /// <summary>A file is not there any more, or can't be gone on with: it is given up and disposed.</summary>
    void Abandon(FragmentFile file);
}
