namespace Pipeline.PostProcess.Tests;

public class SsdDecoderTests
{
    private static readonly DefaultBoxes OneBox = new([new DefaultBox(0.5f, 0.5f, 0.2f, 0.2f)]);
    private static readonly SsdDecoderOptions Good = SsdDecoderOptions.Caffe(21);

    public static TheoryData<string, SsdDecoderOptions> BadOptions()
    {
        SelectionOptions selection = Good.Selection;
        SsdDecoderOptions With(SelectionOptions changed) => Good with { Selection = changed };
        SsdDecoderOptions WithVariances(BoxVariances v) => Good with { BoxCode = new() { Variances = v } };
        return new()
        {
            { "Columns", Good with { Columns = 1 } },
            { "Columns", Good with { Columns = 0, Scores = new() { BackgroundColumn = null } } },
            { "BackgroundColumn", Good with { Scores = new() { BackgroundColumn = 21 } } },
            { "BackgroundColumn", Good with { Scores = new() { BackgroundColumn = -1 } } },
            { "LogitScale", Good with { Scores = new() { LogitScale = 0 } } },
            { "LogitScale", Good with { Scores = new() { LogitScale = float.NaN } } },
            { "Function", Good with { Scores = new() { Function = (ScoreFunction)7 } } },
            { "Variances", WithVariances(new(0.1f, 0.1f, float.NaN, 0.2f)) },
            { "Variances", WithVariances(new(0.1f, float.PositiveInfinity, 0.2f, 0.2f)) },
            { "Variances", WithVariances(new(0, 0.1f, 0.2f, 0.2f)) },
            { "SizeCodeLimit", Good with { BoxCode = new() { SizeCodeLimit = -1 } } },
            { "Code", Good with { BoxCode = new() { Code = (BoxCode)7 } } },
            { "Order", Good with { BoxCode = new() { Order = (CoordinateOrder)7 } } },
            { "ScoreThreshold", With(selection with { ScoreThreshold = -0.1f }) },
            { "ScoreThreshold", With(selection with { ScoreThreshold = float.NaN }) },
            { "IouThreshold", With(selection with { IouThreshold = 1.1f }) },
            { "AdaptiveEta", With(selection with { AdaptiveEta = 0 }) },
            { "TopKPerClass", With(selection with { TopKPerClass = 0 }) },
            { "TopKOverall", With(selection with { TopKOverall = -1 }) },
            { "KeepPerClass", With(selection with { KeepPerClass = 0 }) },
            { "KeepOverall", With(selection with { KeepOverall = 0 }) },
            { "InclusivePixels", With(selection with { InclusivePixels = new PixelGrid(0, 300) }) },
            { "Clip", With(selection with { Clip = (BoxClip)7 }) },
            { "Classes", With(selection with { Classes = [] }) },
            { "Classes", With(selection with { Classes = [21] }) },
            { "Classes", With(selection with { Classes = [0] }) }, // the background
        };
    }

    [Theory]
    [MemberData(nameof(BadOptions), DisableDiscoveryEnumeration = true)]
    public void Constructor_BadOption_IsNamed(string name, SsdDecoderOptions options)
        => Assert.Equal(name, Assert.Throws<ArgumentException>(() => new SsdDecoder(OneBox, options)).ParamName);

    [Fact]
    public void Constructor_BadValue_IsInTheMessage()
    {
        SsdDecoderOptions options = Good with { Selection = new() { ScoreThreshold = -0.25f } };

        string message = Assert.Throws<ArgumentException>(() => new SsdDecoder(OneBox, options)).Message;

        Assert.Contains("must be from 0 to 1; it is -0.25", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 21, "outputs")]
    [InlineData(4, 20, "outputs")]
    public void Decode_WrongLengths_AreNamed(int boxes, int scores, string name)
    {
        var decoder = new SsdDecoder(OneBox, Good);

        var error = Assert.Throws<ArgumentException>(() =>
            decoder.Decode(new HeadOutputs(new float[boxes], new float[scores]), new Detection[200]));

        Assert.Equal(name, error.ParamName);
    }

    [Fact]
    public void Decode_TooLittleRoom_IsNamed()
    {
        var decoder = new SsdDecoder(OneBox, Good);

        Assert.Equal(20, decoder.MaxDetections); // one box, twenty classes
        Assert.Equal("detections", Assert.Throws<ArgumentException>(() =>
            decoder.Decode(new HeadOutputs(new float[4], new float[21]), new Detection[19])).ParamName);
    }

    [Fact]
    public void ForDecodedBoxes_CodeRelativeToDefaultBoxes_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => SsdDecoder.ForDecodedBoxes(1, Good));

        Assert.Equal("Code", error.ParamName);
    }

    public static TheoryData<string, DefaultBoxOptions, SsdDecoderOptions> Families() => new()
    {
        { "Caffe", DefaultBoxOptions.CaffeSsd300Voc, SsdDecoderOptions.Caffe(21) },
        { "ssd.pytorch", DefaultBoxOptions.SsdPyTorch300Voc, SsdDecoderOptions.SsdPyTorch(21) },
        { "torchvision", DefaultBoxOptions.TorchvisionSsd300, SsdDecoderOptions.TorchvisionSsd300(91) },
        { "ssdlite", DefaultBoxOptions.TorchvisionSsdlite320, SsdDecoderOptions.TorchvisionSsdlite320(91) },
        {
            "TensorFlow",
            DefaultBoxOptions.TensorFlow(300, 300, [16, 32, 64, 128, 256, 512]),
            SsdDecoderOptions.TensorFlow(91)
        },
        { "NVIDIA", DefaultBoxOptions.NvidiaSsd300Coco, SsdDecoderOptions.Nvidia(81) },
    };

    /// <summary>
    /// Each family's heads of a scene, decoded by its preset: what is found is what the plain decoder finds, and the
    /// best detections are the scene's objects.
    /// </summary>
    [Theory]
    [MemberData(nameof(Families), DisableDiscoveryEnumeration = true)]
    public void Decode_SceneOfEachFamily_FindsItsObjects(
        string family, DefaultBoxOptions layout, SsdDecoderOptions options)
    {
        var defaultBoxes = new DefaultBoxes(layout);
        var heads = SyntheticHeads.OfScene(defaultBoxes, options, objects: 6, seed: 3);
        var decoder = new SsdDecoder(defaultBoxes, options);
        var detections = new Detection[decoder.MaxDetections];

        DecodeResult result = decoder.Decode(heads.Outputs, detections);

        Assert.Equal(PlainDecoder.Decode(defaultBoxes, options, heads.Boxes, heads.Scores), detections[..result.Count]);
        Assert.Equal(0, result.NonFinite);
        foreach (Detection seen in detections[..result.Count].Where(d => d.Score > 0.8f))
        {
            Assert.Contains(heads.Objects, o => o.ClassId == seen.ClassId && Near(o.Box, seen.Box));
        }

        Assert.True(detections[..result.Count].Count(d => d.Score > 0.8f) >= 3, family);
    }

    [Fact]
    public void Decode_EverythingPasses_IsThePlainResultAndAllocatesNothing()
    {
        SsdDecoderOptions options = Good with { Selection = Good.Selection with { TopKPerClass = 20 } };
        var defaultBoxes = new DefaultBoxes(DefaultBoxOptions.TensorFlow(128, 128, [8, 16]));
        var heads = SyntheticHeads.Undecided(defaultBoxes, options, seed: 1);
        var decoder = new SsdDecoder(defaultBoxes, options);
        var detections = new Detection[decoder.MaxDetections];
        decoder.Decode(heads.Outputs, detections);

        long before = GC.GetAllocatedBytesForCurrentThread();
        DecodeResult result = decoder.Decode(heads.Outputs, detections);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(200, result.Count);
        Assert.Equal(PlainDecoder.Decode(defaultBoxes, options, heads.Boxes, heads.Scores), detections);
    }

    private static bool Near(Box a, Box b)
        => Math.Abs(a.X1 - b.X1) + Math.Abs(a.Y1 - b.Y1) + Math.Abs(a.X2 - b.X2) + Math.Abs(a.Y2 - b.Y2) < 0.25f;
}
