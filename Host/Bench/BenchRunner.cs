using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Capture;
using Pipeline.Host.Configuration;
using Pipeline.Host.Reporting;
using Pipeline.Host.Running;
using Pipeline.Inference;
using Pipeline.Render;

namespace Pipeline.Host.Bench;

/// <summary>
/// Measures the pipeline against the bare session. The kinds of measurement take turns, so that a machine that grows slower
/// or faster meanwhile does so for all of them; each figure is the median of its rounds.
/// </summary>
internal sealed class BenchRunner : IDisposable
{
    /// <summary>Starts of the program that are timed.</summary>
    private const int Starts = 3;

    private readonly PipelineSettings _settings;
    private readonly RunModel _model;
    private readonly int _frames;
    private readonly int _rounds;
    private readonly TextWriter _progress;
    private readonly string _folder = Directory.CreateTempSubdirectory("ssd-pipeline-bench-").FullName;

    /// <summary>Makes one.</summary>
    /// <param name="settings">Model, threads and source.</param>
    /// <param name="frames">Frames of each measurement.</param>
    /// <param name="rounds">Measurements of each kind.</param>
    /// <param name="progress">Where to say what is being measured.</param>
    public BenchRunner(PipelineSettings settings, int frames, int rounds, TextWriter progress)
    {
        _settings = settings with { Reading = settings.Reading with { Frames = frames, Latest = false } };
        _model = RunModel.Load(settings);
        _frames = frames;
        _rounds = rounds;
        _progress = progress;
    }

    /// <summary>The bare session's rate.</summary>
    public Samples SessionFps { get; } = new();

    /// <summary>The bare session's processor time a frame, in milliseconds: S.</summary>
    public Samples SessionCpuMs { get; } = new();

    /// <summary>The pipeline's rate.</summary>
    public Samples PipelineFps { get; } = new();

    /// <summary>The pipeline's processor time a frame beyond the session's of the same round, in milliseconds: X.</summary>
    public Samples ExtraCpuMs { get; } = new();

    /// <summary>The pipeline's rate over the session's of the same round.</summary>
    public Samples Ratio { get; } = new();

    /// <summary>The pipeline's rate while it records.</summary>
    public Samples RecordingFps { get; } = new();

    /// <summary>That rate over the session's of the same round.</summary>
    public Samples RecordingRatio { get; } = new();

    /// <summary>Managed bytes allocated a frame.</summary>
    public Samples AllocatedBytes { get; } = new();

    /// <summary>From the start of the process until its sources are started, in milliseconds.</summary>
    public Samples ReadyMs { get; } = new();

    /// <summary>What ran the model.</summary>
    public string Provider { get; private set; } = "";

    /// <summary>The medians of the bare session.</summary>
    public SessionFigures SessionFigures => new(SessionFps.Rounded, SessionCpuMs.Rounded);

    /// <summary>The medians of the pipeline.</summary>
    public PipelineFigures PipelineFigures =>
        new(PipelineFps.Rounded, Ratio.Rounded, RecordingFps.Rounded, RecordingRatio.Rounded, ExtraCpuMs.Rounded);

    /// <summary>The median of what the process took.</summary>
    public BenchProcessFigures ProcessFigures => new(AllocatedBytes.Rounded);

    /// <summary>The median of the starts.</summary>
    public StartupFigures StartupFigures => new(ReadyMs.Rounded);

    /// <summary>Measures the bare session alone, which needs neither a video nor OpenCV.</summary>
    /// <exception cref="ModelException">The model can't be used.</exception>
    public void RunSession(CancellationToken cancellationToken)
    {
        for (int round = 1; round <= _rounds; round++)
        {
            _ = AddSession(cancellationToken);
        }
    }

    /// <summary>Measures everything.</summary>
    /// <exception cref="ModelException">The model can't be used.</exception>
    /// <exception cref="SourceException">The video can't be read.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // The first round compiles the hot code and fills the caches; it is not kept.
        await MeasurePipelineAsync(recording: false, cancellationToken);
        for (int round = 1; round <= _rounds; round++)
        {
            await _progress.WriteLineAsync($"round {round} of {_rounds}");
            (double sessionFps, double sessionCpu) = AddSession(cancellationToken);
            (double pipelineFps, double pipelineCpu, double allocated) = await MeasurePipelineAsync(recording: false, cancellationToken);
            (double recordingFps, _, _) = await MeasurePipelineAsync(recording: true, cancellationToken);
            PipelineFps.Add(pipelineFps);
            ExtraCpuMs.Add(pipelineCpu - sessionCpu);
            Ratio.Add(pipelineFps / sessionFps);
            RecordingFps.Add(recordingFps);
            RecordingRatio.Add(recordingFps / sessionFps);
            AllocatedBytes.Add(allocated);
        }

        for (int start = 0; start < Starts; start++)
        {
            ReadyMs.Add(await MeasureStartAsync(cancellationToken));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (double Fps, double CpuMs) AddSession(CancellationToken cancellationToken)
    {
        (double fps, double cpuMs) = MeasureSession(cancellationToken);
        SessionFps.Add(fps);
        SessionCpuMs.Add(cpuMs);
        return (fps, cpuMs);
    }

    private (double Fps, double CpuMs) MeasureSession(CancellationToken cancellationToken)
    {
        using IModelSession session = _model.OpenSession();
        using BatchSlot slot = session.CreateSlot();
        Provider = session.Provider;
        slot.ImageCount = 1;
        slot.Input(0).Clear();
        TimeSpan cpu = ProcessUsage.ProcessorTime;
        long start = Stopwatch.GetTimestamp();
        for (int frame = 0; frame < _frames; frame++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            session.Run(slot);
            slot.WaitForOutputs();
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return (_frames / seconds, (ProcessUsage.ProcessorTime - cpu).TotalMilliseconds / _frames);
    }

    private async Task<(double Fps, double CpuMs, double Allocated)> MeasurePipelineAsync(bool recording, CancellationToken cancellationToken)
    {
        PipelineSettings settings = _settings with
        {
            Output = new OutputSettings
            {
                JsonLines = Path.Combine(_folder, "bench.jsonl"),
                Record = recording ? Path.Combine(_folder, "bench.mp4") : null,
            },
        };
        ISink[] drawing = recording ? [] : [new DiscardingSink()];
        using DetectionRun run = await DetectionRun.CreateAsync(
            settings, _model, NullLoggerFactory.Instance, TimeProvider.System, cancellationToken, drawing);
        TimeSpan cpu = ProcessUsage.ProcessorTime;
        RunReport report = await run.RunAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        report.RequireSource();
        double cpuMs = (ProcessUsage.ProcessorTime - cpu).TotalMilliseconds;
        return (report.EndToEnd.Frames / report.WallSeconds, cpuMs / report.EndToEnd.Frames, report.Process.AllocatedBytesPerFrame);
    }

    private async Task<double> MeasureStartAsync(CancellationToken cancellationToken)
    {
        string path = Path.Combine(_folder, "start.json");
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            "run", "--source", "test://64x48@1000?count=1", "--report", path, "--model", _settings.Model.Name,
            "--threads", $"{RunModel.OptionsOf(_settings.Inference).Threads}", "--provider", _settings.Inference.Provider,
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        DateTimeOffset before = DateTimeOffset.UtcNow;
        using Process process = Process.Start(start)!;
        await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllBytesAsync(path, cancellationToken));
        return (report.RootElement.GetProperty("startedAt").GetDateTimeOffset() - before).TotalMilliseconds;
    }

    /// <summary>Wants pixels, so that frames are drawn on, and does nothing with them.</summary>
    private sealed class DiscardingSink : ISink
    {
        public string Name => "nothing";

        public bool NeedsPixels => true;

        public void Write(FrameResult result)
        {
        }

        public void Complete()
        {
        }

        public void Dispose()
        {
        }
    }
}
