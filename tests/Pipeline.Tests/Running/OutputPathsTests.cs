using Pipeline.Host.Running;
using Pipeline.Testing;

namespace Pipeline.Tests.Running;

public sealed class OutputPathsTests
{
    [Fact]
    public void ForNew_FileThatARecordingWentOnIn_StaysAsItIs()
    {
        using var folder = new TemporaryFolder();
        var written = new HashSet<string>(StringComparer.Ordinal);
        string first = OutputPaths.ForNew(folder["{source}.mp4"], "gate", written);

        // A hardware encoder gave way to software, and the recorder went on in a second file.
        File.WriteAllText(folder["gate-2.mp4"], "the rest of the first recording");

        Assert.Equal(folder["gate.mp4"], first);
        Assert.Equal(folder["gate-3.mp4"], OutputPaths.ForNew(folder["{source}.mp4"], "gate", written));
        Assert.Equal(folder["gate-4.mp4"], OutputPaths.ForNew(folder["{source}.mp4"], "gate", written));
    }
}
