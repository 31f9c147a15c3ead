using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Host.Configuration;
using Pipeline.Host.Metering;
using Pipeline.Host.Reporting;
using Pipeline.Host.Running;
using Pipeline.Testing;

namespace Pipeline.Tests.Running;

/// <summary>A run that goes on until it is stopped, with JSON lines of each source in a folder, for tests that change it.</summary>
internal sealed class ControlledRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly DetectionRun _run;
    private readonly Task<RunReport> _running;

    public ControlledRun(PipelineSettings? settings = null, RunModel? model = null, TimeProvider? time = null)
    {
        settings ??= new PipelineSettings();
        PipelineSettings lasting = settings with
        {
            Reading = settings.Reading with { KeepRunning = true, Latest = false },
            Output = settings.Output with { JsonLines = _folder["{source}.jsonl"] },
        };
        _run = DetectionRun.CreateAsync(
            lasting, model ?? ScriptedModel.Create(), NullLoggerFactory.Instance, time ?? TimeProvider.System, CancellationToken.None)
            .GetAwaiter().GetResult();
        _running = _run.RunAsync(_stop.Token);
    }

    public DetectionRun Run => _run;

    public RunControl Control => _run.Control;

    public PipelineMeters Meters => _run.Meters;

    /// <summary>A pattern that loses nothing: five hundred frames a second.</summary>
    public static SourceSettings Source(string name, string size = "64x48") => new() { Name = name, Uri = $"test://{size}@500" };

    public SourceStatus this[string name] => Control.Sources.Single(source => source.Name == name);

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, "It did not come to that.");
            await Task.Delay(1);
        }
    }

    /// <summary>Waits until a source has so many results more.</summary>
    public Task ResultsAsync(string name, int count)
    {
        long wanted = this[name].Results + count;
        return UntilAsync(() => this[name].Results >= wanted);
    }

    /// <summary>Stops the run, and checks that every captured frame is accounted for and every lease back.</summary>
    public async Task<RunReport> StopAsync()
    {
        await _stop.CancelAsync();
        RunReport report = await _running.WaitAsync(Patience);
        Assert.Equal(0, _run.FramesLeased);
        foreach ((SourceMeter meter, long captured) in _run.CapturedBySource)
        {
            Assert.Equal(captured, meter.FramesThrough(Stage.Render) + meter.Dropped);
        }

        return report;
    }

    /// <summary>Waits for a run that ends by itself.</summary>
    public Task<RunReport> StoppedAsync() => _running.WaitAsync(Patience);

    /// <summary>Where the JSON lines of a source go.</summary>
    public string PathOfLines(string name) => _folder[$"{name}.jsonl"];

    /// <summary>The numbers of the frames in a file of JSON lines.</summary>
    public List<long> FramesIn(string name) =>
        [.. Lines(name).Select(line => line.GetProperty("frame").GetInt64())];

    /// <summary>How many objects each frame of a file has.</summary>
    public List<int> DetectionsIn(string name) =>
        [.. Lines(name).Select(line => line.GetProperty("detections").GetArrayLength())];

    /// <summary>The last line of a file: its detections as they are written.</summary>
    public string LastDetections(string name) => Lines(name)[^1].GetProperty("detections").GetRawText();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_running);
        _run.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    private List<JsonElement> Lines(string name) =>
        [.. File.ReadLines(PathOfLines(name)).Select(line => JsonDocument.Parse(line).RootElement)];
}
