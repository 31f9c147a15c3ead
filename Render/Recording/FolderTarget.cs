using Pipeline.PostProcess;

namespace Pipeline.Render;

/// <summary>Records one source in segments that an archive names, keeps and deletes.</summary>
internal sealed class FolderTarget : IRecordingTarget
{
    private readonly RecordingArchive _archive;
    private readonly string _source;
    private readonly SegmentLimits _limits;
    private readonly LabelMap _labels;

    /// <summary>Makes a target; nothing is written yet.</summary>
    public FolderTarget(RecordingArchive archive, string source, SegmentLimits limits, LabelMap labels)
    {
        _archive = archive;
        _source = source;
        _limits = limits;
        _labels = labels;
    }

    /// <inheritdoc/>
    public string Name => $"recording of {_source} in {_archive.Folder}";

    /// <inheritdoc/>
    public bool IsFull(FragmentFile file) => file.Duration >= _limits.Length || file.Length >= _limits.Bytes;

    /// <inheritdoc/>
    public void RequireRoom() => _archive.RequireRoom();

    /// <inheritdoc/>
    public FragmentFile Open(EncodedFragment first)
    {
        _archive.KeepHouse();
        _archive.RequireRoom();
        string path = _archive.PathFor(_source, first.CapturedAt);
        try
        {
            var file = FragmentFile.Create(path, _source, _labels, first);
            _archive.Add(file);
            return file;
        }
        catch
        {
            RemoveAttempt(path);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Close(FragmentFile file)
    {
        file.Complete();
        _archive.Complete(file);
    }

    /// <inheritdoc/>
    public void Abandon(FragmentFile file) => _archive.Abandon(file);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The archive is shared and outlives its recorders.
    }

    /// <summary>Each further attempt takes another name, so none leaves its file.</summary>
    private static void RemoveAttempt(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What the attempt failed with says more.
        }
    }
}
