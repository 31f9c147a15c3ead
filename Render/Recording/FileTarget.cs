using Microsoft.Extensions.Logging;
using Pipeline.PostProcess;

namespace Pipeline.Render;

/// <summary>
/// Records into the one file that somebody asked for. It is written in place, since a fragmented MP4 plays up to where a crash
/// cut it off. Only what can't stand in the same file, after another encoder took over, goes into a second one.
/// </summary>
internal sealed partial class FileTarget : IRecordingTarget
{
    private readonly string _path;
    private readonly string _source;
    private readonly LabelMap _labels;
    private readonly ILogger _logger;
    private bool _hasBegun;

    /// <summary>Makes a target, and checks at once that the file can be written.</summary>
    /// <param name="path">The file; it is replaced.</param>
    /// <param name="source">The source's name.</param>
    /// <param name="labels">The names of the classes.</param>
    /// <param name="logger">The log.</param>
    /// <exception cref="OutputException">The file can't be written.</exception>
    public FileTarget(string path, string source, LabelMap labels, ILogger logger)
    {
        _path = path;
        _source = source;
        _labels = labels;
        _logger = logger;
        OutputFile.Create(path).Dispose();
    }

    /// <inheritdoc/>
    public string Name => $"recording {_path}";

    /// <inheritdoc/>
    public bool IsFull(FragmentFile file) => false;

    /// <inheritdoc/>
    public void RequireRoom()
    {
        // The system says when its disk is full.
    }

    /// <inheritdoc/>
    public FragmentFile Open(EncodedFragment first)
    {
        string path = _hasBegun && File.Exists(_path) ? OutputFile.NextPart(_path) : _path;
        OutputFile.Prepare(path);

        // Nobody reads it through this program, and a second run that is to record into it must not empty it.
        var file = FragmentFile.Create(path, _source, _labels, first, FileShare.None);
        _hasBegun = true;
        if (path != _path)
        {
            Log.GoesOnIn(_logger, Name, path);
        }

        return file;
    }

    /// <inheritdoc/>
    public void Close(FragmentFile file)
    {
        file.Complete();
        file.Dispose();
    }

    /// <inheritdoc/>
    public void Abandon(FragmentFile file) => file.Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_hasBegun && new FileInfo(_path) is { Exists: true, Length: 0 })
        {
            // Nothing came: an empty file would only look like a recording.
            File.Delete(_path);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(60, LogLevel.Warning, "{Recording} goes on in {Path}: the encoder that took over writes another kind of stream.")]
        public static partial void GoesOnIn(ILogger logger, string recording, string path);
    }
}
