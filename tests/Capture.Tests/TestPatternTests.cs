using OpenCvSharp;

namespace Pipeline.Capture.Tests;

public sealed class TestPatternTests
{
    [Theory]
    [InlineData("test://640x480@12.5", 640, 480, 12.5, null, 1)]
    [InlineData("test://640x480@12.5?count=100", 640, 480, 12.5, 100L, 1)]
    [InlineData("test://16x16@1?sources=8", 16, 16, 1, null, 8)]
    [InlineData("TEST://7680x4320@1000?sources=256&count=1", 7680, 4320, 1000, 1L, 256)]
    public void Parse_EveryForm_IsUnderstood(string text, int width, int height, double rate, long? count, int sources) =>
        Assert.Equal(new TestPattern(width, height, rate, count, sources), TestPattern.Parse(text));

    [Theory]
    [InlineData("test://640x480", "write test://640x480@30")]
    [InlineData("test://640x480@30?frames=7", "?count=100 to end it or ?sources=8 for eight")]
    [InlineData("test://640x480@30?count=-1", "write test://640x480@30")]
    [InlineData("test://640x480@30?sources=0", "asks for 0 sources: 1 to 256")]
    [InlineData("test://640x480@30?sources=1000", "asks for 1000 sources: 1 to 256")]
    public void Parse_Malformed_SaysWhatToWrite(string text, string hint) =>
        Assert.Contains(hint, Assert.Throws<SourceException>(() => TestPattern.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(16, 16)]
    [InlineData(97, 61)]
    [InlineData(640, 480)]
    public async Task BoxOf_EveryShapeOfEveryFrame_IsWhereThePixelsHaveItsColour(int width, int height)
    {
        var pattern = new TestPattern(width, height, 1000, Count: 60);
        using var pool = new FramePool(2);
        long frames = 0;
        var recorder = new Recorder
        {
            OnFrame = frame =>
            {
                AssertShapes(pattern, frame.Number, frame.Image);
                frames++;
                frame.Dispose();
            },
        };
        var options = new SourceReaderOptions(Latest: false, Pace: false, Loop: false, MaximumFrames: null);
        var reader = new SourceReader(SourceAddress.Parse(pattern.Address), "test", options, pool, recorder, TimeProvider.System);

        reader.Start(CancellationToken.None);
        await reader.Completion;

        Assert.Null(reader.Failure);
        Assert.Equal(60, frames);
    }

    /// <summary>Each pixel has the colour of the last shape whose box it is in, and of none where it is in no box.</summary>
    private static void AssertShapes(TestPattern pattern, long number, Mat image)
    {
        Rect[] boxes = [.. Enumerable.Range(0, TestPattern.Shapes).Select(shape => pattern.BoxOf(shape, number))];
        Span<Vec3b> pixels = image.AsSpan<Vec3b>();
        for (int i = 0; i < pixels.Length; i++)
        {
            var at = new Point(i % pattern.Width, i / pattern.Width);
            int expected = Array.FindLastIndex(boxes, box => box.Contains(at));
            int found = ShapeWithColor(pixels[i]);
            if (expected != found)
            {
                Assert.Fail($"In frame {number} the pixel {at} is of shape {found}, not {expected}.");
            }
        }
    }

    private static int ShapeWithColor(Vec3b pixel)
    {
        for (int shape = 0; shape < TestPattern.Shapes; shape++)
        {
            Scalar color = TestPattern.ColorOf(shape);
            if (pixel.Item0 == color.Val0 && pixel.Item1 == color.Val1 && pixel.Item2 == color.Val2)
            {
                return shape;
            }
        }

        return -1;
    }
}
