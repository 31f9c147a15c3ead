using OpenCvSharp;

namespace Pipeline.Render.Tests.Sinks;

public sealed class SnapshotSinkTests : IDisposable
{
    private readonly SnapshotSink _sink = new(TimeProvider.System);
    private readonly FrameResultQueue _queue = new("snapshot", 8, 1);

    public void Dispose() => _sink.Dispose();

    [Fact]
    public async Task TakeAsync_FrameCapturedAfterwards_IsThatPictureAsJpeg()
    {
        Task<byte[]> first = _sink.TakeAsync("gate", CancellationToken.None);
        Task<byte[]> second = _sink.TakeAsync("gate", CancellationToken.None);
        Assert.True(_sink.NeedsPixels);

        await WriteFrameAsync();

        using Mat picture = Cv2.ImDecode(await first, ImreadModes.Color);
        Assert.Equal(new Size(64, 48), picture.Size());
        Assert.Same(await first, await second);
        Assert.False(_sink.NeedsPixels);
    }

    [Fact]
    public async Task TakeAsync_FrameCapturedBefore_IsNotTaken()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(1);
        Task<byte[]> picture = _sink.TakeAsync("gate", CancellationToken.None);

        Write(frames);

        Assert.False(picture.IsCompleted);
        await WriteFrameAsync();
        Assert.NotEmpty(await picture);
    }

    [Fact]
    public async Task TakeAsync_FrameOfAnotherSource_IsNotTaken()
    {
        using var limit = new CancellationTokenSource();
        Task<byte[]> picture = _sink.TakeAsync("yard", limit.Token);

        await WriteFrameAsync();

        Assert.False(picture.IsCompleted);
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => picture);
        Assert.False(_sink.NeedsPixels);
    }

    [Fact]
    public async Task Complete_SomebodyWaits_IsToldThatNoneWillCome()
    {
        Task<byte[]> picture = _sink.TakeAsync("gate", CancellationToken.None);

        _sink.Complete();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => picture);
    }

    private async Task WriteFrameAsync()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(1);
        Write(frames);
    }

    private void Write(TestFrames frames)
    {
        Assert.True(_queue.TryPost(frames[0], TestFrames.Holder, [], TimeSpan.Zero));
        Assert.True(_queue.TryTake(out FrameResult? result));
        _sink.Write(result);
        _queue.Recycle(result);
    }
}
