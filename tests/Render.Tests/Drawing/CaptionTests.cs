using Pipeline.Capture;
using Pipeline.Render.Tests.Sinks;
using Pipeline.Testing;

namespace Pipeline.Render.Tests;

public class CaptionTests
{
    [Fact]
    public async Task For_AllParts_HasNameTimeAndRate()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(30, Repository.SampleVideo);
        var caption = new Caption(CaptionParts.Source | CaptionParts.Clock | CaptionParts.FrameRate);

        string text = "";
        for (int i = 0; i < 30; i++)
        {
            text = caption.For(frames[i]).ToString();
        }

        Assert.Matches(@"^gate  \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  10\.0 fps$", text);
    }

    [Fact]
    public async Task For_Nothing_IsEmptyAndOnePartStandsAlone()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(1);

        Assert.Equal("", new Caption(CaptionParts.None).For(frames[0]).ToString());
        Assert.Equal("gate", new Caption(CaptionParts.Source).For(frames[0]).ToString());
        Assert.Equal("", new Caption(CaptionParts.FrameRate).For(frames[0]).ToString());
    }

    [Fact]
    public async Task For_SteadyState_AllocatesNothing()
    {
        using TestFrames frames = await TestFrames.CaptureAsync(2);
        var caption = new Caption(CaptionParts.Source | CaptionParts.Clock | CaptionParts.FrameRate);
        Frame frame = frames[1];
        caption.For(frames[0]);
        caption.For(frame);

        long before = GC.GetAllocatedBytesForCurrentThread();
        int length = caption.For(frame).Length;

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(length > 0);
    }
}
