using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.PostProcess;

namespace Pipeline.Inference.Tests;

public sealed class PreprocessorTests
{
    /// <summary>What single precision may lose in two interpolations of grey levels: a few times 255·2⁻²⁴.</summary>
    private const double GreyLevelBound = 1e-4;

    private static readonly InputSpec Raw =
        new() { Name = "image", Width = 13, Height = 9, ColorOrder = ColorOrder.Bgr };

    public static TheoryData<ResizeRule, int, int, int> FloatRules()
    {
        var data = new TheoryData<ResizeRule, int, int, int>();
        foreach (ResizeRule rule in new[] { ResizeRule.TfLegacy, ResizeRule.HalfPixel })
        {
            foreach ((int width, int height, int padding) in
                new[]
                {
                    (13, 9, 0), (64, 48, 5), (7, 5, 1), (1, 1, 0), (2, 1, 3), (1, 40, 7), (311, 2, 0), (39, 27, 64),
                    (99, 33, 0), (1920, 1080, 0),
                })
            {
                data.Add(rule, width, height, padding);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(FloatRules))]
    public void Run_FloatRule_StaysWithinTheBoundOfDoublePrecision(ResizeRule rule, int width, int height, int padding)
    {
        using var image = new TestImage(width, height, padding);
        InputSpec input = Raw with { Resize = rule };
        float[] tensor = Run(input, image.View);
        for (int channel = 0; channel < 3; channel++)
        {
            for (int y = 0; y < input.Height; y++)
            {
                for (int x = 0; x < input.Width; x++)
                {
                    double expected = ReferenceResize.Pixel(image.View, rule, input.Width, input.Height, x, y, channel);
                    Assert.Equal(expected, tensor[(((channel * input.Height) + y) * input.Width) + x], GreyLevelBound);
                }
            }
        }
    }

    [Theory]
    [InlineData(ResizeRule.TfLegacy)]
    [InlineData(ResizeRule.HalfPixel)]
    [InlineData(ResizeRule.OpenCvLinear)]
    public void Run_ImageOfTheInputsSize_IsCopied(ResizeRule rule)
    {
        using var image = new TestImage(Raw.Width, Raw.Height, padding: 2);
        float[] tensor = Run(Raw with { Resize = rule }, image.View);
        Assert.Equal(image[5, 4, 0], tensor[(4 * Raw.Width) + 5]);
        Assert.Equal(image[12, 8, 2], tensor[^1]);
    }

    [Fact]
    public void Run_TfLegacyUpscaling_RepeatsTheLastPixelAndDoesNotShift()
    {
        using var image = new TestImage(2, 1);
        image.Fill(0, 0, 0);
        image[1, 0, 0] = 100;
        float[] tensor = Run(Raw with { Width = 4, Height = 1, Resize = ResizeRule.TfLegacy }, image.View);
        Assert.Equal([0, 50, 100, 100], tensor[..4]);
    }

    [Fact]
    public void Run_HalfPixelUpscaling_IsSymmetric()
    {
        using var image = new TestImage(2, 1);
        image.Fill(0, 0, 0);
        image[1, 0, 0] = 100;
        float[] tensor = Run(Raw with { Width = 4, Height = 1, Resize = ResizeRule.HalfPixel }, image.View);
        Assert.Equal([0, 25, 75, 100], tensor[..4]);
    }

    [Fact]
    public void Run_RgbWithMeanAndScale_NormalisesEachChannelOfTheTensor()
    {
        using var image = new TestImage(20, 20);
        image.Fill(blue: 10, green: 20, red: 30);
        InputSpec input = Raw with
        {
            ColorOrder = ColorOrder.Rgb,
            Mean = new ChannelValues(1, 2, 3),
            Scale = new ChannelValues(0.5f, 2, 10),
        };
        float[] tensor = Run(input, image.View);
        int plane = input.Width * input.Height;
        Assert.All(tensor[..plane], value => Assert.Equal((30 - 1) * 0.5f, value));
        Assert.All(tensor[plane..(2 * plane)], value => Assert.Equal((20 - 2) * 2, value));
        Assert.All(tensor[(2 * plane)..], value => Assert.Equal((10 - 3) * 10, value));
    }

    [Theory]
    [InlineData(TensorElement.Float16)]
    [InlineData(TensorElement.UInt8)]
    public void Run_OtherElementTypes_AreTheRoundedSingles(TensorElement element)
    {
        using var image = new TestImage(50, 40);
        InputSpec input = Raw with { Element = element };
        float[] singles = Run(Raw, image.View);
        var place = new byte[input.ImageBytes];
        new Preprocessor(input).Run(image.View, place);
        if (element == TensorElement.Float16)
        {
            Half[] halves = MemoryMarshal.Cast<byte, Half>(place).ToArray();
            Assert.Equal(Array.ConvertAll(singles, single => (Half)single), halves);
        }
        else
        {
            Assert.Equal(Array.ConvertAll(singles, single => (byte)MathF.Round(single)), place);
        }
    }

    [Fact]
    public void Run_InterleavedLayout_HoldsThePlanarValues()
    {
        using var image = new TestImage(50, 40);
        float[] planar = Run(Raw, image.View);
        float[] interleaved = Run(Raw with { Layout = TensorLayout.Nhwc }, image.View);
        int plane = Raw.Width * Raw.Height;
        for (int i = 0; i < planar.Length; i++)
        {
            Assert.Equal(planar[i], interleaved[(3 * (i % plane)) + (i / plane)]);
        }
    }

    [Fact]
    public void Run_Letterbox_CentresTheImageAndFillsTheRest()
    {
        using var image = new TestImage(40, 20);
        image.Fill(50, 50, 50);
        InputSpec input = Raw with
        {
            Width = 8,
            Height = 8,
            Fit = FitRule.Letterbox,
            Fill = new ChannelValues(114, 114, 114),
            Mean = new ChannelValues(14, 14, 14),
        };
        float[] tensor = Run(input, image.View);
        for (int i = 0; i < tensor.Length; i++)
        {
            int row = i / 8 % 8;
            Assert.Equal(row is >= 2 and < 6 ? 36 : 100, tensor[i]);
        }
    }

    [Theory]
    [InlineData(1920, 1080)]
    [InlineData(768, 576)]
    [InlineData(100, 700)]
    [InlineData(5000, 2)]
    public void Run_LetterboxOfAnyShape_IsTheImageStretchedToItsPlace(int width, int height)
    {
        using var image = new TestImage(width, height);
        InputSpec input = Raw with
        {
            Width = 300,
            Height = 200,
            Fit = FitRule.Letterbox,
            Resize = ResizeRule.OpenCvLinear,
            Fill = new ChannelValues(1000, 2000, 3000),
        };
        ImagePlacement placed = ImagePlacement.Of(input, width, height);
        float[] letterboxed = Run(input, image.View);
        float[] stretched = Run(
            input with { Width = placed.Width, Height = placed.Height, Fit = FitRule.Stretch }, image.View);
        var expected = new float[letterboxed.Length];
        for (int channel = 0; channel < 3; channel++)
        {
            expected.AsSpan(channel * 60000, 60000).Fill(input.Fill[channel]);
            for (int y = 0; y < placed.Height; y++)
            {
                stretched.AsSpan(((channel * placed.Height) + y) * placed.Width, placed.Width)
                    .CopyTo(expected.AsSpan((channel * 60000) + ((placed.Y + y) * 300) + placed.X));
            }
        }

        Assert.Equal(expected, letterboxed);
    }

    [Fact]
    public void Run_Region_SeesNothingOutsideIt()
    {
        using var image = new TestImage(60, 40);
        image.Fill(200, 200, 200);
        for (int y = 10; y < 21; y++)
        {
            for (int x = 7; x < 24; x++)
            {
                (image[x, y, 0], image[x, y, 1], image[x, y, 2]) = (9, 9, 9);
            }
        }

        Assert.All(Run(Raw, image.View.Region(7, 10, 17, 11)), value => Assert.Equal(9, value));
    }

    [Fact]
    public void Run_AnyRegion_IsTheRegionCopiedOut()
    {
        using var image = new TestImage(60, 40, padding: 5);
        Gen<(int X, int Y, int Width, int Height, ResizeRule Rule)> regions =
            from x in Gen.Choose(0, 59)
            from y in Gen.Choose(0, 39)
            from width in Gen.Choose(1, 60 - x)
            from height in Gen.Choose(1, 40 - y)
            from rule in Gen.Elements(Enum.GetValues<ResizeRule>())
            select (x, y, width, height, rule);
        Prop.ForAll(regions.ToArbitrary(), region =>
        {
            using var copy = new TestImage(region.Width, region.Height);
            for (int y = 0; y < region.Height; y++)
            {
                for (int x = 0; x < region.Width; x++)
                {
                    for (int channel = 0; channel < 3; channel++)
                    {
                        copy[x, y, channel] = image[region.X + x, region.Y + y, channel];
                    }
                }
            }

            InputSpec input = Raw with { Resize = region.Rule };
            ImageView view = image.View.Region(region.X, region.Y, region.Width, region.Height);
            return Run(input, view).AsSpan().SequenceEqual(Run(input, copy.View));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 2)]
    [InlineData(21, 3)]
    [InlineData(22, 3)]
    [InlineData(64, 48)]
    [InlineData(1920, 4)]
    public void Run_ImageAtTheEndOfReadableMemory_ReadsNoByteBehindIt(int width, int height)
    {
        using var image = new GuardedImage(width, height);
        foreach (ResizeRule rule in Enum.GetValues<ResizeRule>())
        {
            Assert.All(Run(Raw with { Resize = rule }, image.View), value => Assert.Equal(77, value));
            Assert.All(Run(Raw with { Resize = rule, Width = 300 }, image.View), value => Assert.Equal(77, value));
        }
    }

    /// <summary>Vectors reach beyond a row's end; what lies behind the last row is not the preprocessor's.</summary>
    [Theory]
    [InlineData(13, 9)]
    [InlineData(17, 9)]
    [InlineData(300, 2)]
    public void Run_PlaceWithinABatch_WritesNothingOutsideIt(int width, int height)
    {
        using var image = new TestImage(640, 48);
        foreach (TensorElement element in Enum.GetValues<TensorElement>())
        {
            InputSpec input = Raw with { Width = width, Height = height, Element = element };
            var batch = new byte[128 + input.ImageBytes + 128];
            batch.AsSpan().Fill(0xA5);
            new Preprocessor(input).Run(image.View, batch.AsSpan(128, input.ImageBytes));
            Assert.All(batch[..128], value => Assert.Equal(0xA5, value));
            Assert.All(batch[^128..], value => Assert.Equal(0xA5, value));
        }
    }

    [Fact]
    public void Run_SecondImageOfAnotherSize_OwesNothingToTheFirst()
    {
        using var first = new TestImage(50, 40);
        using var second = new TestImage(31, 77);
        var preprocessor = new Preprocessor(Raw);
        var place = new byte[Raw.ImageBytes];
        preprocessor.Run(first.View, place);
        preprocessor.Run(second.View, place);
        Assert.Equal(Run(Raw, second.View), MemoryMarshal.Cast<byte, float>(place).ToArray());
    }

    [Theory]
    [InlineData(300, TensorElement.Float32)]
    [InlineData(300, TensorElement.Float16)]
    [InlineData(13, TensorElement.Float32)]
    [InlineData(13, TensorElement.UInt8)]
    public void Run_SteadyState_AllocatesNothing(int width, TensorElement element)
    {
        using var image = new TestImage(1920, 240);
        InputSpec input = Raw with { Width = width, Element = element };
        var preprocessor = new Preprocessor(input);
        var place = new byte[input.ImageBytes];
        preprocessor.Run(image.View, place);
        long before = GC.GetAllocatedBytesForCurrentThread();
        preprocessor.Run(image.View, place);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Run_NoImage_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new Preprocessor(Raw).Run(default, new byte[Raw.ImageBytes]));

    [Fact]
    public void Run_PlaceOfAnotherLength_IsRefused()
    {
        using var image = new TestImage(4, 4);
        Assert.Throws<ArgumentException>(() => new Preprocessor(Raw).Run(image.View, new byte[Raw.ImageBytes - 4]));
    }

    [Fact]
    public void ToImage_Letterboxed_UndoesThePlacement()
    {
        InputSpec input = Raw with { Width = 300, Height = 300, Fit = FitRule.Letterbox };
        ImagePlacement placement = ImagePlacement.Of(input, 1920, 1080);
        Assert.Equal(new ImagePlacement(0, 65, 300, 169), placement);
        Box whole = placement.ToImage(input, new Box(0, 65 / 300f, 1, 234 / 300f));
        Assert.Equal(0, whole.X1, 1e-6f);
        Assert.Equal(0, whole.Y1, 1e-6f);
        Assert.Equal(1, whole.X2, 1e-6f);
        Assert.Equal(1, whole.Y2, 1e-6f);
    }

    private static float[] Run(InputSpec input, ImageView image)
    {
        var place = new byte[input.ImageBytes];
        new Preprocessor(input).Run(image, place);
        return MemoryMarshal.Cast<byte, float>(place).ToArray();
    }
}
