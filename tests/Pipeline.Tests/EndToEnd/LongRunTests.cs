using System.Diagnostics;
using Pipeline.Host.CommandLine;
using Pipeline.Testing;
using Pipeline.Tests.Metering;
using Xunit.Abstractions;

namespace Pipeline.Tests.EndToEnd;

/// <summary>
/// The built program as a service runs it: two cameras that come and go, seen from outside over HTTP. A few seconds, or as long
/// as the endurance run says.
/// </summary>
public sealed class LongRunTests(ITestOutputHelper output) : IDisposable
{
    private const int Terminate = 15;

    /// <summary>Faults after which all that is made once has been made; in an endurance run, a quarter of the time.</summary>
    private const int WarmUp = 4;

    /// <summary>Faults of a short run.</summary>
    private const int ShortRun = 8;

    private static readonly TimeSpan Endurance =
        Duration.TryParse(Environment.GetEnvironmentVariable("PIPELINE_SOAK") ?? "", out TimeSpan soak) ? soak : TimeSpan.Zero;

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Run_CamerasComeAndGo_OthersGoOnAndNothingGrows()
    {
        RtspCamera[] cameras = [await RtspCamera.StartAsync(), await RtspCamera.StartAsync()];
        string[] names = ["gate", "yard"];
        using Command program = await StartAsync(cameras, names);
        long started = Stopwatch.GetTimestamp();
        var random = new Random(20261121);
        Dictionary<string, double> before = [];
        for (int fault = 0; fault < ShortRun || Stopwatch.GetElapsedTime(started) < Endurance; fault++)
        {
            if (fault == WarmUp || (fault > WarmUp && Stopwatch.GetElapsedTime(started) < Endurance / 4))
            {
                before = await MetricsAsync();
            }

            int ill = random.Next(2);
            await BreakAsync(program, cameras[ill], names[ill], names[1 - ill], random.Next(3));
        }

        Dictionary<string, double> after = await MetricsAsync();
        AssertFlat(before, after, "process_open_fds", 6);
        AssertFlat(before, after, "process_threads", 8);
        AssertFlat(before, after, "process_resident_memory_bytes", 80e6);
        AssertFlat(before, after, "pipeline_frames_leased", 4);

        program.Signal(Terminate);
        CommandResult result = await program.WaitAsync();
        Array.ForEach(cameras, camera => camera.Dispose());
        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("still out", result.Error, StringComparison.Ordinal);
    }

    /// <summary>Starts the program and waits until both cameras deliver.</summary>
    private async Task<Command> StartAsync(RtspCamera[] cameras, string[] names)
    {
        await File.WriteAllTextAsync(_folder["settings.json"], $$"""
            {
              "Sources": [
                { "Uri": "{{cameras[0].Address}}", "Name": "{{names[0]}}" },
                { "Uri": "{{cameras[1].Address}}", "Name": "{{names[1]}}" }
              ]
            }
            """);
        Command program = PipelineProgram.Start(
            "run", "--config", _folder["settings.json"], "--http", "http://127.0.0.1:0", "--jsonl", _folder["out.jsonl"]);
        string serving = await Command.ReadUntilAsync(program.Error, "Serving ");
        _client.BaseAddress = new Uri(serving[serving.IndexOf("http", StringComparison.Ordinal)..]);
        await Command.ReadUntilAsync(program.Error, "delivers:");
        await Command.ReadUntilAsync(program.Error, "delivers:");
        return program;
    }

    /// <summary>Makes one camera ill and well again; the other one must go on meanwhile.</summary>
    private async Task BreakAsync(Command program, RtspCamera camera, string name, string other, int kind)
    {
        if (kind == 0)
        {
            camera.PowerOff();
        }
        else
        {
            await camera.TellAsync(kind == 1 ? "down" : "kick");
        }

        await Command.ReadUntilAsync(program.Error, $"{name} is away");
        double framesOfOther = await FramesOfAsync(other);
        if (kind == 0)
        {
            await camera.PowerOnAsync();
        }
        else
        {
            await camera.TellAsync("up");
        }

        await Command.ReadUntilAsync(program.Error, $"{name} delivers again");
        Assert.True(await FramesOfAsync(other) > framesOfOther, $"{other} stood still while {name} was away");
    }

    private async Task<double> FramesOfAsync(string source) =>
        (await MetricsAsync())[$$"""pipeline_frames_total{source="{{source}}",stage="postprocess"}"""];

    private async Task<Dictionary<string, double>> MetricsAsync() =>
        PrometheusPage.Parse(await _client.GetStringAsync("metrics")).Samples;

    private void AssertFlat(Dictionary<string, double> before, Dictionary<string, double> after, string metric, double allowed)
    {
        output.WriteLine($"{metric}: {before[metric]}, at the end {after[metric]}");
        Assert.True(after[metric] - before[metric] <= allowed, $"{metric} grew from {before[metric]} to {after[metric]}");
    }
}
