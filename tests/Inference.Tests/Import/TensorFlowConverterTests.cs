using Pipeline.Inference.Onnx;
using Pipeline.Inference.Tests.Onnx;

namespace Pipeline.Inference.Tests.Import;

/// <summary>Small graphs, run as ONNX and beside it by TensorFlow's own rules, node after node, without any folding.</summary>
public sealed class TensorFlowConverterTests
{
    private const int Side = 5;
    private static readonly Dictionary<string, string> OutputNames = new() { ["head"] = "output" };

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public void Output_ConvolutionWithBatchNormAndRelu_EqualsTheUnfoldedNodes(int stride, bool depthwise)
    {
        int channels = depthwise ? 6 : 4;
        float[] weights = Numbers(9 * 3 * (depthwise ? 2 : 4), seed: 1);
        float[] gamma = Numbers(channels, seed: 2), beta = Numbers(channels, seed: 3), mean = Numbers(channels, seed: 4);
        float[] variance = [.. Numbers(channels, seed: 5).Select(value => value * value)];
        int places = (Side + stride - 1) / stride;
        using TensorFlowJsFolder folder = new TensorFlowJsFolder()
            .Node("image", "Placeholder", [])
            .Constant("weights", [3, 3, 3, depthwise ? 2 : 4], weights)
            .Convolution("convolution", "image", "weights", stride, depthwise)
            .Constant("gamma", [channels], gamma)
            .Constant("beta", [channels], beta)
            .Constant("mean", [channels], mean)
            .Constant("variance", [channels], variance)
            .Node("norm", "FusedBatchNorm", ["convolution", "gamma", "beta", "mean", "variance"], """{ "epsilon": { "f": 0.001 } }""")
            .Node("relu", "Relu6", ["norm"])
            .Head("head", "relu", places * places, channels)
            .Write();

        (ModelProto model, float[] image, float[] output) = ConvertAndRun(folder, places * places, channels);

        float[] expected = Reference.Convolve(image, Side, 3, weights, depthwise ? 2 : 4, stride, depthwise);
        for (int i = 0; i < expected.Length; i++)
        {
            int c = i % channels;
            float norm = (gamma[c] * (expected[i] - mean[c]) / MathF.Sqrt(variance[c] + 0.001f)) + beta[c];
            expected[i] = Math.Clamp(norm, 0, 6);
        }

        AssertClose(expected, output);
        Assert.Equal(["Conv", "Clip", "Transpose", "Reshape"], model.Graph.Node.Select(node => node.OpType));
    }

    [Fact]
    public void Output_MulAddBiasAndResidual_AreFoldedAndSummed()
    {
        float[] first = Numbers(9, seed: 1), second = Numbers(9, seed: 2), factor = Numbers(3, seed: 3), offset = Numbers(3, seed: 4);
        using TensorFlowJsFolder folder = new TensorFlowJsFolder()
            .Node("image", "Placeholder", [])
            .Constant("first/weights", [1, 1, 3, 3], first)
            .Convolution("first", "image", "first/weights", 1)
            .Constant("second/weights", [1, 1, 3, 3], second)
            .Convolution("second", "first", "second/weights", 1)
            .Constant("factor", [3], factor)
            .Constant("offset", [3], offset)
            .Node("scaled", "Mul", ["factor", "second"])
            .Node("sum", "AddN", ["first", "scaled"])
            .Node("shifted", "Add", ["offset", "sum"])
            .Node("biased", "BiasAdd", ["shifted", "offset"])
            .Head("head", "biased", Side * Side, 3)
            .Write();

        (ModelProto model, float[] image, float[] output) = ConvertAndRun(folder, Side * Side, 3);

        float[] one = Reference.Convolve(image, Side, 3, first, 3, 1, depthwise: false);
        float[] two = Reference.Convolve(one, Side, 3, second, 3, 1, depthwise: false);
        AssertClose([.. two.Select((value, i) => (value * factor[i % 3]) + one[i] + (2 * offset[i % 3]))], output);
        Assert.Equal(["Conv", "Conv", "Add", "Transpose", "Reshape"], model.Graph.Node.Select(node => node.OpType));
    }

    [Fact]
    public void Output_TwoHeadsJoinedAndSqueezed_KeepsRowColumnBoxOrder()
    {
        // A convolution that copies its input: what comes out is the image, row by row, column by column.
        using TensorFlowJsFolder folder = new TensorFlowJsFolder()
            .Node("image", "Placeholder", [])
            .Constant("weights", [1, 1, 3, 3], 1, 0, 0, 0, 1, 0, 0, 0, 1)
            .Convolution("copy", "image", "weights", 1)
            .Head("a", "copy", Side * Side, 3)
            .Head("b", "copy", Side * Side, 3)
            .Integers("axis", 1)
            .Node("joined", "ConcatV2", ["a", "b", "axis"])
            .Node("head", "Squeeze", ["joined"], """{ "squeeze_dims": { "list": { "i": ["2"] } } }""")
            .Write();

        (_, float[] image, float[] output) = ConvertAndRun(folder, 2 * Side * Side, 3, squeezed: true);

        AssertClose([.. image, .. image], output);
    }

    [Fact]
    public void Output_UnknownOperator_NamesNodeAndOperator() =>
        AssertRefused(folder => folder.Node("odd", "LRN", ["image"]).Head("head", "odd", 25, 3), "Node 'odd' (LRN)");

    [Fact]
    public void Output_NodeThatIsNotThere_NamesIt() =>
        AssertRefused(folder => folder.Head("head", "nowhere", 25, 3), "no node 'nowhere'");

    [Fact]
    public void Output_GraphThatLoops_IsRefused() => AssertRefused(
        folder => folder.Node("a", "Relu6", ["b"]).Node("b", "Relu6", ["a"]).Head("head", "b", 25, 3), "loops or is too deep");

    [Fact]
    public void Output_WeightsForOtherChannels_NamesNodeAndShape() => AssertRefused(
        folder => folder.Constant("weights", [1, 1, 2, 3], new float[6]).Convolution("c", "image", "weights", 1).Head("head", "c", 25, 3),
        "Node 'c' (Conv2D) has weights [1, 1, 2, 3] for an input of 3 channels");

    [Fact]
    public void Output_UnknownPadding_NamesIt() => AssertRefused(
        folder => folder.Constant("weights", [1, 1, 3, 3], new float[9]).Convolution("c", "image", "weights", 1, padding: "EXPLICIT").Head("head", "c", 25, 3),
        "'EXPLICIT'");

    [Fact]
    public void Output_StrideOfZero_NamesTheNode() => AssertRefused(
        folder => folder.Constant("weights", [1, 1, 3, 3], new float[9]).Convolution("c", "image", "weights", 0).Head("head", "c", 25, 3),
        "Node 'c' (Conv2D) has a layout, strides or dilations that the importer does not know");

    [Theory]
    [InlineData("""{ "shrink_axis_mask": { "i": true } }""")]
    [InlineData("""{ "shrink_axis_mask": { "i": "99999999999" } }""")]
    [InlineData("""{ "shrink_axis_mask": 1 }""")]
    public void Output_AttributeOfAnotherKind_NamesTheNode(string attributes) => AssertRefused(
        folder => folder.Node("s", "Shape", ["image"]).Integers("i", 0).Node("head", "StridedSlice", ["s", "i", "i", "i"], attributes),
        "Node 'head' (StridedSlice) cannot be converted: ");

    [Theory]
    [InlineData]
    [InlineData("axis")]
    public void Output_JoinOfNothing_NamesTheNode(params string[] inputs) => AssertRefused(
        folder => folder.Integers("axis", 1).Node("head", "ConcatV2", inputs), "Node 'head' (ConcatV2) joins nothing.");

    [Fact]
    public void Output_IntegerWeights_NamesThemAndTheirType() => AssertRefused(
        folder => folder.Constant("weights", [1, 1, 3, 3], "int32", new byte[36]).Convolution("c", "image", "weights", 1).Head("head", "c", 25, 3),
        "'weights' are int32; float32 is needed");

    [Fact]
    public void Output_FactorsForOtherChannels_NamesBoth() => AssertRefused(
        folder => folder.Constant("weights", [1, 1, 3, 3], new float[9]).Convolution("c", "image", "weights", 1)
            .Constant("factors", [2], 1, 2).Node("m", "Mul", ["c", "factors"]).Head("head", "m", 25, 3),
        "Node 'm' (Mul) has 2 values in 'factors' for 3 channels");

    [Fact]
    public void Output_ReshapeToAnotherNumber_NamesBothShapes() => AssertRefused(
        folder => folder.Constant("weights", [1, 1, 3, 3], new float[9]).Convolution("c", "image", "weights", 1).Head("head", "c", 24, 3),
        "makes [batch, 24, 1, 3] of [batch, 5, 5, 3]");

    [Fact]
    public void Output_OtherShapeThanExpected_NamesBoth() => AssertRefused(
        folder => folder.Constant("weights", [1, 1, 3, 4], new float[12]).Convolution("c", "image", "weights", 1).Head("head", "c", 25, 4),
        "is [batch, 25, 1, 4]; [batch, 25, 1, 3] was expected");

    private static void AssertRefused(Func<TensorFlowJsFolder, TensorFlowJsFolder> build, string message)
    {
        using TensorFlowJsFolder folder = build(new TensorFlowJsFolder().Node("image", "Placeholder", [])).Write();
        ModelException exception = Assert.Throws<ModelException>(() => Convert(folder, 25, 3, squeezed: false));
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    private static (ModelProto Model, float[] Image, float[] Output) ConvertAndRun(
        TensorFlowJsFolder folder, int boxes, int values, bool squeezed = false)
    {
        ModelProto model = Convert(folder, boxes, values, squeezed);
        float[] image = Numbers(Side * Side * 3, seed: 99);
        return (model, image, model.Run("picture", [1, 3, Side, Side], Reference.ChannelsFirst(image, 3))["output"].Values);
    }

    private static ModelProto Convert(TensorFlowJsFolder folder, int boxes, int values, bool squeezed)
    {
        OnnxGraphBuilder onnx = new("test");
        TensorFlowConverter converter = new(TensorFlowGraph.Load(folder.ModelJson, CancellationToken.None), onnx, OutputNames);
        converter.Input("image", "picture", Side, Side);
        converter.Output("head", squeezed ? [-1, boxes, values] : [-1, boxes, 1, values]);
        return onnx.Build("a test");
    }

    private static float[] Numbers(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 4) - 2)];
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-4f);
        }
    }

    /// <summary>TensorFlow's definitions, straight from its documentation: [rows, columns, channels], padding SAME.</summary>
    private static class Reference
    {
        public static float[] Convolve(float[] image, int side, int inputs, float[] weights, int last, int stride, bool depthwise)
        {
            int kernel = weights.Length == 9 * inputs * last ? 3 : 1;
            int places = (side + stride - 1) / stride;
            int before = Math.Max(((places - 1) * stride) + kernel - side, 0) / 2;
            int outputs = depthwise ? inputs * last : last;
            float[] result = new float[places * places * outputs];
            for (int i = 0; i < result.Length; i++)
            {
                (int row, int column, int output) = (i / outputs / places, i / outputs % places, i % outputs);
                for (int tap = 0; tap < kernel * kernel * inputs; tap++)
                {
                    (int down, int across, int input) = (tap / inputs / kernel, tap / inputs % kernel, tap % inputs);
                    int y = (row * stride) + down - before;
                    int x = (column * stride) + across - before;
                    bool counts = y >= 0 && y < side && x >= 0 && x < side && (!depthwise || output / last == input);
                    if (counts)
                    {
                        result[i] += image[(((y * side) + x) * inputs) + input] * weights[(tap * last) + (depthwise ? output % last : output)];
                    }
                }
            }

            return result;
        }

        public static float[] ChannelsFirst(float[] image, int channels)
        {
            int pixels = image.Length / channels;
            return [.. Enumerable.Range(0, image.Length).Select(i => image[(i % pixels * channels) + (i / pixels)])];
        }
    }
}
