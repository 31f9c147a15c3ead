using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>doctor, through the built program.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Doctor_MachineThatWasSetUp_MissesNothing()
    {
        CommandResult result = await ExamineAsync("{ }", []);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Matches(@"(?m)^ok      opencv        4\.\S+ with FFMPEG, v4l/v4l2", result.Output);
        Assert.Matches(@"(?m)^ok      ffmpeg        \S+ with libx264$", result.Output);
        Assert.Matches(@"(?m)^ok      onnxruntime   \S+; cpu works$", result.Output);
        Assert.Matches(@"(?m)^ok      model         ssdlite_mobilenet_v2_coco, 80 classes, its hash is right$", result.Output);
        Assert.DoesNotContain("missing", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_NoFfmpegOnThePath_WarnsAndSaysHowToMendIt()
    {
        CommandResult result = await ExamineAsync("{ }", new() { ["PATH"] = _folder.Path });

        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"(?m)^warn    ffmpeg .*\n +mend: sudo apt-get install ffmpeg$", result.Output);
    }

    [Theory]
    [InlineData("""{ "Model": { "Name": "absent" } }""", "model", "There is no model 'absent'")]
    [InlineData("""{ "Detektion": { } }""", "configuration", "Did you mean 'Detection'?")]
    [InlineData("""{ "Output": { "Record": "/proc/films/a.mp4" } }""", "disk", "/proc can't be written")]
    [InlineData("""{ "Recording": { "Folder": "/proc/films" } }""", "disk", "/proc can't be written")]
    public async Task Doctor_SomethingMissing_ExitsWith1AndSaysWhatInJson(string settings, string subject, string text)
    {
        CommandResult result = await ExamineAsync(settings, [], "--json");

        Assert.Equal(1, result.ExitCode);
        JsonElement finding = JsonDocument.Parse(result.Output).RootElement.GetProperty("findings").EnumerateArray()
            .Single(finding => finding.GetProperty("level").GetString() == "missing");
        Assert.Equal(subject, finding.GetProperty("subject").GetString());
        Assert.Contains(text, finding.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(finding.GetProperty("mend").GetString()!);
    }

    [Fact]
    public async Task Doctor_PortTaken_Warns()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        CommandResult result = await ExamineAsync("{ }", new() { ["PIPELINE_Http__Url"] = $"http://{listener.LocalEndpoint}" });

        Assert.Contains($"warn    port          {listener.LocalEndpoint}: ", result.Output, StringComparison.Ordinal);
    }

    private Task<CommandResult> ExamineAsync(string settings, Dictionary<string, string?> environment, params string[] options)
    {
        File.WriteAllText(_folder["settings.json"], settings);
        return PipelineProgram.RunAsync(environment, ["doctor", "--config", _folder["settings.json"], .. options]);
    }
}
