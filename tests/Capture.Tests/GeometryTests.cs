using OpenCvSharp;

namespace Pipeline.Capture.Tests;

/// <summary>Region, size and turn, on pictures in which every pixel is known.</summary>
public sealed class GeometryTests : IDisposable
{
    private readonly FramePool _pool = new(1);

    public void Dispose() => _pool.Dispose();

    [Theory]
    [InlineData(0, 8, 6)]
    [InlineData(90, 6, 8)]
    [InlineData(180, 8, 6)]
    [InlineData(270, 6, 8)]
    public void Retrieve_Rotation_TurnsEveryPixelClockwise(int degrees, int width, int height)
    {
        using var shaped = new ShapedSource(new NumberedSource(8, 6), new PictureGeometry { Rotation = degrees });
        using Frame frame = Retrieve(shaped);

        Assert.Equal(new Size(width, height), frame.Image.Size());
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int fromX, int fromY) = degrees switch
                {
                    90 => (y, 5 - x),
                    180 => (7 - x, 5 - y),
                    270 => (7 - y, x),
                    _ => (x, y),
                };
                Assert.Equal(NumberedSource.At(fromX, fromY), frame.Image.At<Vec3b>(y, x));
            }
        }
    }

    [Theory]
    [InlineData(2, 1, 4, 3, 2, 1, 4, 3)]
    [InlineData(0.25, 0.5, 0.5, 0.5, 2, 3, 4, 3)]
    [InlineData(0, 0, 1, 1, 0, 0, 8, 6)]
    [InlineData(6, 4, 100, 100, 6, 4, 2, 2)]
    [InlineData(2, 0.5, 4, 0.5, 2, 3, 4, 3)]
    [InlineData(0, 2, 1, 3, 0, 2, 8, 3)]
    [InlineData(0.3, 0.3, 0.01, 0.01, 2, 1, 1, 1)]
    public void Retrieve_Region_CutsItOutAsFarAsThereIsAPicture(
        double x, double y, double width, double height, int left, int top, int columns, int rows)
    {
        using var shaped = new ShapedSource(new NumberedSource(8, 6), new PictureGeometry { Region = new PictureRegion(x, y, width, height) });
        using Frame frame = Retrieve(shaped);

        Assert.Equal(new Size(columns, rows), frame.Image.Size());
        Assert.Equal(NumberedSource.At(left, top), frame.Image.At<Vec3b>(0, 0));
        Assert.Equal(NumberedSource.At(left + columns - 1, top + rows - 1), frame.Image.At<Vec3b>(rows - 1, columns - 1));
    }

    [Fact]
    public void Retrieve_RegionOutsideOfThePicture_SaysBoth()
    {
        using var shaped = new ShapedSource(new NumberedSource(8, 6), new PictureGeometry { Region = new PictureRegion(8, 0, 4, 4) });

        var error = Assert.Throws<SourceException>(() => Retrieve(shaped));

        Assert.Contains("x 8, y 0, width 4, height 4 lies outside of the picture, which has 8x6 pixels", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(320, null, 0, 320, 240)]
    [InlineData(null, 120, 0, 160, 120)]
    [InlineData(320, 120, 0, 160, 120)]
    [InlineData(2000, 2000, 0, 640, 480)]
    [InlineData(120, null, 90, 120, 160)]
    [InlineData(null, 320, 270, 240, 320)]
    public void Retrieve_MaximumSize_IsThatOfTheResultAndKeepsItsShape(int? width, int? height, int rotation, int columns, int rows)
    {
        var geometry = new PictureGeometry { MaximumWidth = width, MaximumHeight = height, Rotation = rotation };
        using var shaped = new ShapedSource(new NumberedSource(640, 480), geometry);
        using Frame frame = Retrieve(shaped);

        Assert.Equal(new Size(columns, rows), frame.Image.Size());
    }

    [Fact]
    public void Retrieve_EveryStep_WorksOnTheSameMemoryFromFrameToFrameAndAllocatesNothing()
    {
        var geometry = new PictureGeometry { Region = new PictureRegion(0, 0, 0.5, 0.5), MaximumWidth = 60, Rotation = 90 };
        using var shaped = new ShapedSource(new NumberedSource(640, 480), geometry);
        using Frame frame = Retrieve(shaped);
        nint pixels = frame.Image.Data;

        long before = GC.GetAllocatedBytesForCurrentThread();
        bool retrieved = shaped.Retrieve(frame);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(retrieved);
        Assert.Equal(0, allocated);
        Assert.Equal(pixels, frame.Image.Data);
    }

    [Fact]
    public void Retrieve_PicturesOfAnotherSize_AreShapedAnew()
    {
        var source = new NumberedSource(640, 480);
        using var shaped = new ShapedSource(source, new PictureGeometry { Region = new PictureRegion(0.5, 0, 0.5, 1) });
        using Frame frame = Retrieve(shaped);
        source.Size = new Size(1280, 720);

        Assert.True(shaped.Retrieve(frame));

        Assert.Equal(new Size(640, 720), frame.Image.Size());
        Assert.Equal(NumberedSource.At(640, 0), frame.Image.At<Vec3b>(0, 0));
    }

    private Frame Retrieve(ShapedSource source)
    {
        Frame frame = _pool.Rent("test", CancellationToken.None);
        try
        {
            Assert.True(source.Retrieve(frame));
            return frame;
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    /// <summary>Pictures whose pixels say where they are.</summary>
    private sealed class NumberedSource(int width, int height) : IFrameSource
    {
        public Size Size { get; set; } = new(width, height);

        public long? FrameCount => null;

        public string? Format => null;

        public TimeSpan? PresentationTime => null;

        public int Discontinuities => 0;

        public string? EndRemark => null;

        public static Vec3b At(int x, int y) => new((byte)x, (byte)y, (byte)(x >> 8));

        public bool Grab(CancellationToken cancellationToken) => true;

        public bool Retrieve(Frame frame)
        {
            Mat image = frame.Reserve(Size.Width, Size.Height);
            Span<Vec3b> pixels = image.AsSpan<Vec3b>();
            for (int i = 0; i < pixels.Length; i++)
            {
                pixels[i] = At(i % Size.Width, i / Size.Width);
            }

            return true;
        }

        public void Dispose()
        {
        }
    }
}
