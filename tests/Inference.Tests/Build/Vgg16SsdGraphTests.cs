using Pipeline.Inference.Onnx;
using DataType = Pipeline.Inference.Onnx.TensorProto.Types.DataType;

namespace Pipeline.Inference.Tests.Build;

/// <summary>The paper's layers, without weights worth the name.</summary>
public sealed class Vgg16SsdGraphTests
{
    [Theory]
    [InlineData(Vgg16SsdVariant.Ssd300, 21, 26_285_486, 35)]
    [InlineData(Vgg16SsdVariant.Ssd300, 91, 35_641_826, 35)]
    [InlineData(Vgg16SsdVariant.Ssd512, 21, 27_188_676, 39)]
    public void Write_Variant_HasThePublishedNumberOfParameters(Vgg16SsdVariant variant, int columns, long parameters, int convolutions)
    {
        OnnxGraphBuilder onnx = Write(variant, columns, halfPrecision: false);
        Assert.Equal((parameters, convolutions), (onnx.ParameterCount, onnx.ConvolutionCount));
    }

    [Theory]
    [InlineData(Vgg16SsdVariant.Ssd300, new[] { 300, 150, 75, 38, 19, 19, 10, 5, 3, 1 })]
    [InlineData(Vgg16SsdVariant.Ssd512, new[] { 512, 256, 128, 64, 32, 32, 16, 8, 4, 2, 1 })]
    public void Write_Variant_HasThePapersMaps(Vgg16SsdVariant variant, int[] sides)
    {
        string[] layers =
        [
            "conv1_2/relu", "conv2_2/relu", "conv3_3/relu", "conv4_3_norm", "conv5_3/relu", "conv7/relu", "conv8_2/relu",
            "conv9_2/relu", "conv10_2/relu", "conv11_2/relu", "conv12_2/relu",
        ];
        int[] channels = [64, 128, 256, 512, 512, 1024, 512, 256, 256, 256, 256];

        Dictionary<string, string> shapes = Write(variant, 21, halfPrecision: false).Build("test").Graph.ValueInfo
            .ToDictionary(value => value.Name, Shape);

        for (int i = 0; i < sides.Length; i++)
        {
            Assert.Equal($"batch {channels[i]} {sides[i]} {sides[i]}", shapes[layers[i]]);
        }

        Assert.Equal(sides.Length == 11, shapes.ContainsKey("conv12_2/relu"));
    }

    [Fact]
    public void Write_AtrousLayersAndPools_AreThePapers()
    {
        GraphProto graph = Write(Vgg16SsdVariant.Ssd300, 21, halfPrecision: false).Build("test").Graph;
        Assert.Equal(
            "dilations 6 6, group 1, kernel_shape 3 3, pads 6 6 6 6, strides 1 1", Attributes(graph, "conv6"));
        Assert.Equal("ceil_mode 1, kernel_shape 2 2, pads 0 0 0 0, strides 2 2", Attributes(graph, "pool3"));
        Assert.Equal("ceil_mode 0, kernel_shape 2 2, pads 0 0 0 0, strides 2 2", Attributes(graph, "pool4"));
        Assert.Equal("ceil_mode 0, kernel_shape 3 3, pads 1 1 1 1, strides 1 1", Attributes(graph, "pool5"));
    }

    [Theory]
    [InlineData(Vgg16SsdVariant.Ssd300, 8732)]
    [InlineData(Vgg16SsdVariant.Ssd512, 24564)]
    public void Write_Heads_HaveARowForEachBox(Vgg16SsdVariant variant, int boxes)
    {
        GraphProto graph = Write(variant, 81, halfPrecision: false).Build("test").Graph;
        Assert.Equal(["mbox_loc", "mbox_conf"], graph.Output.Select(output => output.Name));
        Assert.Equal([$"batch {boxes} 4", $"batch {boxes} 81"], graph.Output.Select(Shape));
    }

    [Fact]
    public void Write_HalfPrecision_KeepsOnlyTheNormAndTheOutputsSingle()
    {
        GraphProto graph = Write(Vgg16SsdVariant.Ssd300, 21, halfPrecision: true).Build("test").Graph;
        Assert.Equal(DataType.Float16, (DataType)graph.Input[0].Type.TensorType.ElemType);
        Assert.All(graph.Output, output => Assert.Equal(DataType.Float, (DataType)output.Type.TensorType.ElemType));
        Assert.Equal(
            ["conv4_3_norm/epsilon", "conv4_3_norm/scale"],
            graph.Initializer.Where(tensor => tensor.DataType == (int)DataType.Float).Select(tensor => tensor.Name));
    }

    [Fact]
    public void Write_HalfPrecisionOfAWeightBeyondIt_IsRefused()
    {
        var exception = Assert.Throws<ModelException>(
            () => Write(Vgg16SsdVariant.Ssd300, 21, halfPrecision: true, new Constants(70_000)));
        Assert.Contains("'conv1_1/weights' hold 70000", exception.Message, StringComparison.Ordinal);
    }

    private static OnnxGraphBuilder Write(
        Vgg16SsdVariant variant, int columns, bool halfPrecision, IWeightSource? weights = null) =>
        Vgg16SsdGraph.Write(
            Vgg16SsdLayers.Of(variant), columns, weights ?? new Constants(0), halfPrecision, "test", CancellationToken.None);

    private static string Shape(ValueInfoProto value) =>
        string.Join(' ', value.Type.TensorType.Shape.Dim.Select(side => side.HasDimParam ? side.DimParam : side.DimValue.ToString()));

    private static string Attributes(GraphProto graph, string node) => string.Join(
        ", ",
        graph.Node.Single(candidate => candidate.Name == node).Attribute
            .Select(attribute => $"{attribute.Name} {(attribute.Ints.Count > 0 ? string.Join(' ', attribute.Ints) : attribute.I)}"));

    private sealed class Constants(float value) : IWeightSource
    {
        public float[] Kernel(string layer, int outputs, int inputs, int kernel) => Fill(outputs * inputs * kernel * kernel);

        public float[] Bias(string layer, int outputs) => Fill(outputs);

        public float[] NormScale(int channels) => Fill(channels);

        private float[] Fill(int count)
        {
            float[] values = new float[count];
            Array.Fill(values, value);
            return values;
        }
    }
}
