using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>The built program on a machine without ffmpeg.</summary>
public sealed class WithoutFfmpegTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Record_ToMp4_WritesAnAviBesideItAndSaysSo()
    {
        CommandResult result = await RunAsync("--record", _folder["video.mp4"]);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("There is no ffmpeg here", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["video.mp4"]));
        Assert.Equal(["mpeg4"], await VideoProbe.StreamAsync(_folder["video.avi"], "codec_name"));
        Assert.Equal(30, await VideoProbe.CountFramesAsync(_folder["video.avi"]));
    }

    [Fact]
    public async Task Record_IntoSegments_IsRefusedWithWhatToDo()
    {
        CommandResult result = await RunAsync([], ("PIPELINE_Recording__Folder", _folder["archive"]));

        Assert.Equal(5, result.ExitCode);
        Assert.Contains("install the package ffmpeg", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_ToAnotherContainer_IsRefusedByName()
    {
        CommandResult result = await RunAsync("--record", _folder["video.mkv"]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("a name that ends in .mp4", result.Error, StringComparison.Ordinal);
    }

    private static Task<CommandResult> RunAsync(params string[] arguments) => RunAsync(arguments, ("PATH", "/nowhere"));

    private static Task<CommandResult> RunAsync(string[] arguments, (string Name, string Value) more) => PipelineProgram.RunAsync(
        new Dictionary<string, string?>(StringComparer.Ordinal) { ["PATH"] = "/nowhere", [more.Name] = more.Value },
        ["run", "--source", Repository.SampleVideo, "--frames", "30", .. arguments]);
}
