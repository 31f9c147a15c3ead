using System.Text.Json;
using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>Segments of the sample video's first seconds, and the list of them.</summary>
public sealed class RecordingsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task List_AfterARun_KnowsEverySegmentWithItsClasses()
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["PIPELINE_Recording__Folder"] = _folder.Path,
            ["PIPELINE_Recording__SegmentLength"] = "00:00:02",
            ["PIPELINE_Drawing__Clock"] = "true",
        };
        CommandResult run = await PipelineProgram.RunAsync(settings, "run", "--source", Repository.SampleVideo, "--frames", "50");
        Assert.True(run.ExitCode == 0, run.Error);

        JsonElement[] recordings = [.. (await ListAsync("--json")).RootElement.GetProperty("recordings").EnumerateArray()];

        Assert.Equal([20, 20, 10], recordings.Select(recording => recording.GetProperty("frames").GetInt32()));
        Assert.Equal(["00:00:02", "00:00:02"], recordings[..2].Select(recording => recording.GetProperty("duration").GetString()));
        Assert.All(recordings, recording =>
        {
            Assert.Equal("vtest", recording.GetProperty("source").GetString());
            Assert.False(recording.GetProperty("isOpen").GetBoolean());
            Assert.Contains("person", recording.GetProperty("classes").EnumerateArray().Select(label => label.GetString()));
            var file = new FileInfo(_folder[recording.GetProperty("path").GetString()!]);
            Assert.Equal(file.Length, recording.GetProperty("bytes").GetInt64());
        });
        Assert.Single((await ListAsync("--json", "--last", "1")).RootElement.GetProperty("recordings").EnumerateArray());
    }

    [Fact]
    public async Task List_NothingThere_SaysSo()
    {
        CommandResult result = await PipelineProgram.RunAsync("recordings", "list", "--folder", _folder.Path);

        Assert.Equal($"There are no such recordings in {_folder.Path}.\n", result.Output);
    }

    [Theory]
    [InlineData("There is no folder", "--folder", "/no/such/folder")]
    [InlineData("--last is 0, which is not allowed", "--folder", "/", "--last", "0")]
    public async Task List_WrongOption_ExitsWith2(string hint, params string[] options)
    {
        CommandResult result = await PipelineProgram.RunAsync(["recordings", "list", .. options]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(hint, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_NoFolderConfigured_SaysWhatToDo()
    {
        CommandResult result = await PipelineProgram.RunAsync("recordings", "list");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--folder", result.Error, StringComparison.Ordinal);
    }

    private async Task<JsonDocument> ListAsync(params string[] options)
    {
        CommandResult result = await PipelineProgram.RunAsync(["recordings", "list", "--folder", _folder.Path, .. options]);
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonDocument.Parse(result.Output);
    }
}
