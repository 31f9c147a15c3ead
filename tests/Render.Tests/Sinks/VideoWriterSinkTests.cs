using Pipeline.Testing;

namespace Pipeline.Render.Tests.Sinks;

public sealed class VideoWriterSinkTests : IDisposable
{
    private const int Frames = 60;

    private readonly TemporaryFolder _folder = new();
    private readonly LineLogger _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Write_CameraWasAwayForHours_GoesOnInAnotherFile()
    {
        using TestFrames frames = await TestFrames.CaptureWithSilenceAsync(Frames, before: 30, TimeSpan.FromHours(8));

        using (var sink = new VideoWriterSink(_folder["gate.mp4"], _log))
        {
            frames.WriteTo(sink, 0, Frames);
            sink.Complete();
        }

        // The made-up clock may leap at other frames too.
        int gaps = Enumerable.Range(1, Frames - 1)
            .Count(i => frames[i].PresentationTime - frames[i - 1].PresentationTime > TimeSpan.FromSeconds(10));
        Assert.NotEqual(0, gaps);
        string[] wanted = [_folder["gate.avi"], .. Enumerable.Range(2, gaps).Select(part => _folder[$"gate-{part}.avi"])];
        Assert.Equal(wanted.Order(), Directory.GetFiles(_folder.Path).Order());
        foreach (string file in wanted)
        {
            Assert.InRange(await VideoProbe.CountFramesAsync(file), 1, 10 * 120);
        }

        Assert.Equal(gaps, _log.Lines.Count(line => line.Contains("no frame came for more than 10 s", StringComparison.Ordinal)));
    }
}
