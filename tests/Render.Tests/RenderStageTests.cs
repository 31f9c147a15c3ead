using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using OpenCvSharp;
using Pipeline.PostProcess;
using Pipeline.Render.Tests.Sinks;

namespace Pipeline.Render.Tests;

public sealed class RenderStageTests : IRenderObserver, ISinkObserver, IDisposable
{
    private static readonly Detection[] Found = [new(1, 0.9f, new Box(0.2f, 0.2f, 0.8f, 0.8f), 0)];

    private readonly PictureSink _sink = new();
    private readonly SemaphoreSlim _rendered = new(0);

    [Fact]
    public async Task Change_WhileItRuns_HoldsFromTheNextFrame()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(3);
        byte[][] asTheyCame = [.. Enumerable.Range(0, 3).Select(n => PixelsOf(frames[n].Image))];
        (RenderStage stage, SinkStage sink) = Start();

        await RenderAsync(stage, frames, 0);
        stage.Change(CaptionParts.None, detections: false);
        await RenderAsync(stage, frames, 1);
        stage.Change(CaptionParts.Source, detections: false);
        await RenderAsync(stage, frames, 2);
        stage.Queue.Complete();
        await stage.Completion;
        sink.Queue.Complete();
        await sink.Completion;

        Assert.Equal([true, false, true], _sink.Pictures.Zip(asTheyCame, (drawn, plain) => !drawn.SequenceEqual(plain)));
        Assert.Equal(0, frames.Pool.Leased);
    }

    public void Dispose()
    {
        _rendered.Dispose();
        _sink.Dispose();
    }

    void IRenderObserver.OnRendered(FrameResult result, TimeSpan elapsed) => _rendered.Release();

    void IRenderObserver.OnLost(FrameResult result, Exception exception)
    {
        // The stage's completion has it.
    }

    void ISinkObserver.OnWritten(FrameResult result, TimeSpan elapsed)
    {
    }

    void ISinkObserver.OnLost(string source) => Assert.Fail("The sink has room for every frame.");

    private static byte[] PixelsOf(Mat image)
    {
        byte[] pixels = new byte[image.Rows * image.Cols * 3];
        Marshal.Copy(image.Data, pixels, 0, pixels.Length);
        return pixels;
    }

    private (RenderStage Stage, SinkStage Sink) Start()
    {
        var health = new OutputHealth("pictures", NullLogger.Instance, TimeProvider.System);
        var sink = new SinkStage(_sink, new FrameResultQueue("pictures", 4, 1), health, this, TimeProvider.System);
        var queue = new FrameResultQueue("render", 4, 1);
        var stage = new RenderStage(queue, [sink], LabelMap.FromList(1, ["thing"]), CaptionParts.None, this, TimeProvider.System);
        sink.Start();
        stage.Start();
        return (stage, sink);
    }

    private async Task RenderAsync(RenderStage stage, TestFrames frames, int number)
    {
        Assert.True(stage.Queue.TryPost(frames[number], TestFrames.Holder, Found, TimeSpan.Zero));
        Assert.True(await _rendered.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    /// <summary>Keeps a copy of each picture.</summary>
    private sealed class PictureSink : ISink
    {
        public List<byte[]> Pictures { get; } = [];

        public string Name => "pictures";

        public bool NeedsPixels => true;

        public void Write(FrameResult result) => Pictures.Add(PixelsOf(result.Frame.Image));

        public void Complete()
        {
        }

        public void Dispose()
        {
        }
    }
}
