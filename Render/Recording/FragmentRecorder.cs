using Microsoft.Extensions.Logging;
using Pipeline.PostProcess;

namespace Pipeline.Render;

/// <summary>
/// Records the fragments of one source in files: always, or around events. What can't be written is lost until it can be
/// again; its health says so. One thread at a time.
/// </summary>
public sealed class FragmentRecorder : IFragmentConsumer
{
    private readonly IRecordingTarget _target;
    private readonly EventWindow? _events;
    private FragmentFile? _file;

    internal FragmentRecorder(IRecordingTarget target, EventOptions? events, ILogger logger, TimeProvider time)
    {
        _target = target;
        _events = events is null ? null : new EventWindow(events);
        Health = new OutputHealth(target.Name, logger, time);
    }

    /// <inheritdoc/>
    public OutputHealth Health { get; }

    /// <summary>A recorder of everything into one file.</summary>
    /// <param name="path">The file, an .mp4; it is replaced.</param>
    /// <param name="source">The source's name.</param>
    /// <param name="labels">The names of the classes.</param>
    /// <param name="logger">The log.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="OutputException">The file can't be written.</exception>
    public static FragmentRecorder IntoFile(string path, string source, LabelMap labels, ILogger logger, TimeProvider time) =>
        new(new FileTarget(path, source, labels, logger), events: null, logger, time);

    /// <summary>A recorder into segments of a folder.</summary>
    /// <param name="archive">The folder.</param>
    /// <param name="source">The source's name.</param>
    /// <param name="limits">When a segment is complete.</param>
    /// <param name="events">What to record; null for everything.</param>
    /// <param name="labels">The names of the classes.</param>
    /// <param name="logger">The log.</param>
    /// <param name="time">The clock.</param>
    public static FragmentRecorder IntoFolder(
        RecordingArchive archive, string source, SegmentLimits limits, EventOptions? events, LabelMap labels, ILogger logger, TimeProvider time) =>
        new(new FolderTarget(archive, source, limits, labels), events, logger, time);

    /// <inheritdoc/>
    public void Take(EncodedFragment fragment)
    {
        if (_events is null)
        {
            Record(fragment);
            return;
        }

        _events.Add(fragment);
        if (_events.IsApart && _file is not null && Health.MayTry)
        {
            Guard(EndClip);
        }

        while (_events.TryTake(out EncodedFragment? wanted))
        {
            Record(wanted);
        }
    }

    /// <inheritdoc/>
    public void Complete() => Guard(CloseFile);

    /// <inheritdoc/>
    public void Dispose()
    {
        _events?.Dispose();
        if (_file is { } file)
        {
            _file = null;
            _target.Abandon(file);
        }

        _target.Dispose();
    }

    private void Record(EncodedFragment fragment)
    {
        if (Health.MayTry)
        {
            Guard(() => Write(fragment));
        }
    }

    private void Write(EncodedFragment fragment)
    {
        if (_file is { } present && !File.Exists(present.Path))
        {
            // The system would go on writing into a file that nobody can find any more.
            _file = null;
            _target.Abandon(present);
            throw new OutputException($"'{present.Path}' was removed while it was written.");
        }

        _target.RequireRoom();
        if (_file is { } file && fragment.StartsWithKeyFrame && (!file.CanTake(fragment) || _target.IsFull(file)))
        {
            CloseFile();
        }

        if (_file is null && fragment.StartsWithKeyFrame)
        {
            _file = _target.Open(fragment);
        }

        if (_file?.CanTake(fragment) ?? false)
        {
            _file.Append(fragment);
            Health.Work();
        }
    }

    /// <summary>Closes an event's file. That this works is told at once, since nothing may be written for hours.</summary>
    private void EndClip()
    {
        CloseFile();
        Health.Work();
    }

    private void CloseFile()
    {
        if (_file is { } file)
        {
            _target.Close(file);
            _file = null;
        }
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (OutputException e)
        {
            Health.Fail(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Health.Fail(OutputException.From(e));
        }
    }
}
