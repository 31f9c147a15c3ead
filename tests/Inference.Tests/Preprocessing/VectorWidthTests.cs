using FsCheck;
using FsCheck.Fluent;

namespace Pipeline.Inference.Tests;

/// <summary>Preprocessing at every vector width: the bytes of the tensor are the same.</summary>
public sealed class VectorWidthTests
{
    private static readonly int[] Widths = [512, 256, 128];

    private delegate void Widening(ReadOnlySpan<ushort> halves, Span<float> singles);

    [Fact]
    public void Run_AnyImageAndInput_GivesTheScalarBitsAtEveryWidth()
    {
        Gen<(InputSpec Input, int Width, int Height, int Padding)> cases =
            from width in Gen.Choose(1, 90)
            from height in Gen.Choose(1, 60)
            from padding in Gen.Choose(0, 20)
            from outputWidth in Gen.Choose(1, 70)
            from outputHeight in Gen.Choose(1, 40)
            from rule in Gen.Elements(Enum.GetValues<ResizeRule>())
            from layout in Gen.Elements(Enum.GetValues<TensorLayout>())
            from element in Gen.Elements(Enum.GetValues<TensorElement>())
            from order in Gen.Elements(Enum.GetValues<ColorOrder>())
            from fit in Gen.Elements(Enum.GetValues<FitRule>())
            select (Input(outputWidth, outputHeight, rule, layout, element, order, fit), width, height, padding);
        Prop.ForAll(cases.ToArbitrary(), SameBits).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    /// <summary>
    /// Long rows: from an enlargement to pixels so far apart that a window of 64 bytes holds one pair, so that both ways
    /// to read a row are met, and each count of pairs that a window can hold.
    /// </summary>
    [Fact]
    public void Run_AnyLongRows_GiveTheScalarBitsAtEveryWidth()
    {
        Gen<(InputSpec Input, int Width, int Height, int Padding)> cases =
            from width in Gen.Choose(1, 4000)
            from height in Gen.Choose(1, 9)
            from padding in Gen.Choose(0, 20)
            from outputWidth in Gen.Choose(1, 520)
            from outputHeight in Gen.Choose(1, 5)
            from rule in Gen.Elements(Enum.GetValues<ResizeRule>())
            from fit in Gen.Elements(Enum.GetValues<FitRule>())
            let input = Input(
                outputWidth, outputHeight, rule, TensorLayout.Nchw, TensorElement.Float32, ColorOrder.Rgb, fit)
            select (input, width, height, padding);
        Prop.ForAll(cases.ToArbitrary(), SameBits).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    [InlineData(1)]
    public void Narrow_EveryKindOfSingle_IsTheRuntimesHalf(int lanes)
    {
        var random = new Random(3);
        float[] singles =
        [
            0, -0f, 1, -1, 65504, 65519.99f, 65520, 1e9f,
            float.MaxValue, float.PositiveInfinity, float.NegativeInfinity,
            6.1035156e-5f, 6.1035153e-5f, 5.9604645e-8f, 2.9802322e-8f, 2.9802326e-8f, 1e-30f, float.Epsilon,
            .. Enumerable.Range(0, 20000)
                .Select(_ => (float)Math.ScaleB(random.NextDouble() - 0.5, random.Next(-30, 20))),
        ];
        Array.Resize(ref singles, AxisSamples.Padded(singles.Length));
        var halves = new ushort[singles.Length];
        switch (lanes)
        {
            case 16:
                Narrow<Words16>(singles, halves);
                break;
            case 8:
                Narrow<Words8>(singles, halves);
                break;
            case 4:
                Narrow<Words4>(singles, halves);
                break;
            default:
                Narrow<Words1>(singles, halves);
                break;
        }

        Assert.Equal(Array.ConvertAll(singles, single => BitConverter.HalfToUInt16Bits((Half)single)), halves);
    }

    [Fact]
    public void Widen_EveryHalf_IsItsSingleAtEveryWidth()
    {
        ushort[] halves = [.. Enumerable.Range(0, 65536).Select(bits => (ushort)bits)];
        float[] expected = Array.ConvertAll(halves, bits => (float)BitConverter.UInt16BitsToHalf(bits));
        Assert.All<Widening>(
            [
                HalfPrecision.Widen<Words16>,
                HalfPrecision.Widen<Words8>,
                HalfPrecision.Widen<Words4>,
                HalfPrecision.Widen<Words1>,
            ],
            widen =>
            {
                var singles = new float[halves.Length];
                widen(halves, singles);
                Assert.Equal(expected, singles);
            });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(13)]
    [InlineData(40)]
    public void Widen_AnyLength_FillsExactlyThat(int length)
    {
        ushort[] halves = [.. Enumerable.Range(0, length).Select(i => BitConverter.HalfToUInt16Bits((Half)i))];
        var singles = new float[length + 1];
        HalfPrecision.Widen(halves, singles);
        Assert.Equal([.. Enumerable.Range(0, length).Select(i => (float)i), 0], singles);
    }

    private static InputSpec Input(
        int width,
        int height,
        ResizeRule rule,
        TensorLayout layout,
        TensorElement element,
        ColorOrder order,
        FitRule fit)
    {
        InputSpec input = new()
        {
            Name = "image",
            Width = width,
            Height = height,
            Resize = rule,
            Layout = layout,
            Element = element,
            ColorOrder = order,
            Fit = fit,
            Fill = new ChannelValues(1, 20, 255),
        };
        return element == TensorElement.UInt8
            ? input
            : input with
            {
                Mean = new ChannelValues(104, 117.5f, 123.68f),
                Scale = new ChannelValues(1, 1 / 57.375f, 2 / 255f),
            };
    }

    private static bool SameBits((InputSpec Input, int Width, int Height, int Padding) example)
    {
        using var image = new TestImage(example.Width, example.Height, example.Padding, seed: example.Width);
        byte[] scalar = Run(example.Input, image.View, bits: 32);
        return Array.TrueForAll(Widths, bits => Run(example.Input, image.View, bits).AsSpan().SequenceEqual(scalar));
    }

    private static byte[] Run(InputSpec input, ImageView image, int bits)
    {
        var place = new byte[input.ImageBytes];
        new Preprocessor(input, bits).Run(image, place);
        return place;
    }

    private static void Narrow<T>(float[] singles, ushort[] halves)
        where T : struct, IWords<T>
    {
        for (int i = 0; i < singles.Length; i += T.Count)
        {
            HalfPrecision.Narrow(T.Load(ref singles[i])).Store(ref halves[i]);
        }
    }
}
