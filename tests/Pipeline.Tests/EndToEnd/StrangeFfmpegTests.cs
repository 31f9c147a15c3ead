using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>The built program with something on the PATH that is called ffmpeg and is none.</summary>
public sealed class StrangeFfmpegTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Record_FfmpegThatGivesNoVideoAndNeverEnds_SaysSoAndEndsAsABadOutput()
    {
        File.WriteAllText(_folder["ffmpeg"], "#!/bin/sh\nexec yes\n");
        await Command.RunAsync("chmod", ["+x", _folder["ffmpeg"]]);

        CommandResult result = await PipelineProgram.RunAsync(
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["PATH"] = $"{_folder.Path}:/usr/bin:/bin" },
            ["run", "--source", Repository.SampleVideo, "--frames", "30", "--record", _folder["video.mp4"]]);

        Assert.Equal(5, result.ExitCode);
        Assert.Contains("ffmpeg was ended: its output can't be read", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("has not taken a frame", result.Error, StringComparison.Ordinal);
    }
}
