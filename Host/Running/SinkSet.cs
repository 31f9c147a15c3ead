using Microsoft.Extensions.Logging;
using Pipeline.Host.Configuration;
using Pipeline.PostProcess;
using Pipeline.Render;

namespace Pipeline.Host.Running;

/// <summary>
/// Makes the sinks that a run was asked for: those of each source, and those that all sources share (a path without
/// {source}). It owns the folder of recordings, and is disposed after all sinks have ended; one made by <see cref="With"/> takes a
/// folder over that stays the same.
/// </summary>
internal sealed class SinkSet : IDisposable
{
    private readonly PipelineSettings _settings;
    private readonly LabelMap _labels;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly HashSet<string> _written;

    /// <summary>Makes a set. The folder of recordings is opened, and what a crash left in it repaired; nothing else is opened yet.</summary>
    /// <param name="settings">What was asked for.</param>
    /// <param name="labels">The names of the classes.</param>
    /// <param name="written">Full paths of the files that the run has written so far; none of them is begun anew.</param>
    /// <param name="logger">The log.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="OutputException">The folder of recordings can't be written.</exception>
    public SinkSet(PipelineSettings settings, LabelMap labels, HashSet<string> written, ILogger logger, TimeProvider time)
        : this(settings, labels, written, logger, time, present: null)
    {
    }

    private SinkSet(
        PipelineSettings settings, LabelMap labels, HashSet<string> written, ILogger logger, TimeProvider time, RecordingArchive? present)
    {
        _written = written;
        _settings = settings;
        _labels = labels;
        _logger = logger;
        _time = time;
        if (settings.Recording.Folder is { } folder)
        {
            Ffmpeg.RequireAvailable($"recording into '{folder}'");
            Recordings = OpenRecordings(ProgramHome.Resolve(folder), RecordingOptions.RetentionOf(settings.Recording), present);
        }
    }

    /// <summary>The folder of recordings; null where nothing is recorded there.</summary>
    public RecordingArchive? Recordings { get; }

    private OutputSettings Output => _settings.Output;

    private bool IsRecording => Output.Record is not null || Recordings is not null;

    /// <summary>
    /// The same with other settings. Where the folder of recordings stays the same it is the new set's from then on, so that sinks that
    /// still close write into a folder that is theirs; otherwise it stays this one's.
    /// </summary>
    /// <exception cref="OutputException">The new folder of recordings can't be written.</exception>
    public SinkSet With(PipelineSettings settings) => new(settings, _labels, _written, _logger, _time, Recordings);

    /// <summary>Opens the sinks that all sources share.</summary>
    /// <exception cref="OutputException">One can't be written.</exception>
    public IReadOnlyList<ISink> OpenShared() =>
        Output.JsonLines is { } path && !OutputPaths.IsPerSource(path) ? [JsonLinesSink.Open(path, _labels)] : [];

    /// <summary>Opens the sinks of one source.</summary>
    /// <param name="settings">The source, named.</param>
    /// <param name="latest">Whether it keeps only its newest frame; otherwise a recording loses none.</param>
    /// <exception cref="UsageException">A class of its events is not the model's.</exception>
    /// <exception cref="OutputException">One can't be written.</exception>
    public IReadOnlyList<ISink> OpenFor(SourceSettings settings, bool latest)
    {
        var sinks = new List<ISink>();
        try
        {
            OpenFor(settings, latest, sinks);
            return sinks;
        }
        catch
        {
            // A recording has its threads already.
            sinks.ForEach(sink => sink.Dispose());
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Recordings?.Dispose();

    private void OpenFor(SourceSettings settings, bool latest, List<ISink> sinks)
    {
        string source = settings.Name!;
        if (IsRecording && settings.Recording is not { Enabled: false })
        {
            RecordingSettings recording = _settings.Recording.With(settings.Recording);
            sinks.Add(Ffmpeg.IsAvailable ? OpenEncoding(source, recording, latest) : new VideoWriterSink(PathFor(Output.Record!, source), _logger));
        }

        if (Output.JsonLines is { } path && OutputPaths.IsPerSource(path))
        {
            sinks.Add(JsonLinesSink.Open(PathFor(path, source), _labels));
        }

        if (Output.Display)
        {
            sinks.Add(new DisplaySink(source));
        }
    }

    private RecordingArchive OpenRecordings(string folder, RetentionOptions retention, RecordingArchive? present)
    {
        if (present?.Folder != Path.GetFullPath(folder))
        {
            return RecordingArchive.Open(folder, retention, _logger, _time);
        }

        present.Change(retention);
        return present;
    }

    private string PathFor(string path, string source) => OutputPaths.ForNew(path, source, _written);

    /// <summary>One encoder, whoever wants its fragments.</summary>
    private EncodingSink OpenEncoding(string source, RecordingSettings recording, bool latest)
    {
        var recorders = new List<IFragmentConsumer>();
        if (Output.Record is { } record)
        {
            recorders.Add(FragmentRecorder.IntoFile(PathFor(record, source), source, _labels, _logger, _time));
        }

        if (Recordings is { } archive)
        {
            SegmentLimits limits = RecordingOptions.SegmentsOf(recording);
            EventOptions? events = RecordingOptions.EventsOf(recording, _labels);
            recorders.Add(FragmentRecorder.IntoFolder(archive, source, limits, events, _labels, _logger, _time));
        }

        return new EncodingSink(
            $"video of {source}", RecordingOptions.EncoderOf(recording), recorders, waits: !latest, _logger, _time);
    }
}
