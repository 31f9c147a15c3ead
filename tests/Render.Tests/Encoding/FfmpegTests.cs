using Pipeline.Testing;

namespace Pipeline.Render.Tests.Encoding;

public sealed class FfmpegTests
{
    [Fact]
    public void IsOn_FoldersOfThePath_FindsFfmpegOnlyWhereItIs()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["ffmpeg"], "");

        Assert.True(Ffmpeg.IsOn($"/nowhere:{folder.Path}"));
        Assert.False(Ffmpeg.IsOn("/nowhere:"));
        Assert.False(Ffmpeg.IsOn(null));
    }
}
