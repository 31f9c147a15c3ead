using System.Text.Json.Nodes;
using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>The built program with a camera on the network.</summary>
public sealed class StreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, "--tcp-only")]
    [InlineData("rtsp_transport;udp|analyzeduration;500000", "--start=idr")]
    public async Task Stream_OverTcpAndUdp_IsReadToTheFramesAskedFor(string? captureOptions, string serverOption)
    {
        using RtspCamera camera = await RtspCamera.StartAsync(serverOption);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = captureOptions };

        CommandResult result = await PipelineProgram.RunAsync(
            environment, "run", "--source", camera.Address, "--frames", "10", "--report", _folder["report.json"]);

        Assert.True(result.ExitCode == 0, result.Error);
        JsonNode report = JsonNode.Parse(await File.ReadAllTextAsync(_folder["report.json"]))!;
        Assert.Equal(10, (int)report["sources"]!.AsObject().Single().Value!["captured"]!);
        Assert.Contains("768x576 h264", result.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Stream_WithSettingsOfItsOwn_IsReadAsTheySay()
    {
        using RtspCamera camera = await RtspCamera.StartAsync();
        await File.WriteAllTextAsync(_folder["settings.json"], $$"""
            {
              "Sources": [
                { "Uri": "{{camera.Address}}", "Name": "tall", "Transport": "udp", "Rotation": 90, "MaximumHeight": 384, "HardwareDecoding": "auto" },
                { "Uri": "{{camera.Address}}", "Name": "part", "Transport": "tcp", "LowLatency": true, "Region": { "X": 100, "Y": 50, "Width": 200, "Height": 120 } }
              ]
            }
            """);

        CommandResult result = await PipelineProgram.RunAsync("run", "--config", _folder["settings.json"], "--frames", "5", "--jsonl", _folder["{source}.jsonl"]);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("\"width\":288,\"height\":384", await File.ReadAllTextAsync(_folder["tall.jsonl"]), StringComparison.Ordinal);
        Assert.Contains("\"width\":200,\"height\":120", await File.ReadAllTextAsync(_folder["part.jsonl"]), StringComparison.Ordinal);
        Assert.Matches("tall delivers: 768x576 h264 .* decoded by", result.Error);
    }

    [Fact]
    public async Task Region_OutsideOfThePicture_EndsWith3AndSaysSo()
    {
        await File.WriteAllTextAsync(_folder["settings.json"], """
            { "Sources": [ { "Uri": "test://64x48@10", "Region": { "X": 64, "Width": 10, "Height": 10 } } ] }
            """);

        CommandResult result = await PipelineProgram.RunAsync("run", "--config", _folder["settings.json"], "--frames", "5");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("lies outside of the picture, which has 64x48 pixels", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_UdpFromACameraThatKnowsOnlyTcp_EndsWith3()
    {
        using RtspCamera camera = await RtspCamera.StartAsync("--tcp-only");
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "rtsp_transport;udp",
            ["PIPELINE_Reading__GiveUpAfter"] = "00:00:05",
        };

        CommandResult result = await PipelineProgram.RunAsync(environment, "run", "--source", camera.Address);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("sends nothing that can be decoded", result.Error, StringComparison.Ordinal);
    }
}
