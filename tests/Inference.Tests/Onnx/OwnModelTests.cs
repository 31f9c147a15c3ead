using Pipeline.Inference.Onnx;

namespace Pipeline.Inference.Tests.Onnx;

/// <summary>
/// Files that claim to be of this program's making: whoever takes them apart would run in circles or end as a fault.
/// </summary>
public sealed class OwnModelTests
{
    [Fact]
    public void Is_BuiltModel_IsTrue() => Assert.True(OwnModel.Is(SmallDetector.Create()));

    [Fact]
    public void Is_NodesInACircle_IsFalse() => AssertStrange(graph =>
    {
        graph.Node.Add(new NodeProto { OpType = "Add", Input = { "boxes/conv", "circle" }, Output = { "round" } });
        graph.Node.Add(new NodeProto { OpType = "Relu", Input = { "round" }, Output = { "circle" } });
    });

    [Fact]
    public void Is_NodeWithoutOutput_IsFalse() => AssertStrange(graph => graph.Node[0].Output.Clear());

    [Fact]
    public void Is_ConvolutionWithoutBias_IsFalse() => AssertStrange(graph => graph.Node[0].Input.RemoveAt(2));

    [Fact]
    public void Is_TensorMadeTwice_IsFalse() => AssertStrange(graph => graph.Node.Add(graph.Node[0].Clone()));

    [Fact]
    public void Is_OutputThatNothingMakes_IsFalse() => AssertStrange(graph => graph.Output[0].Name = "nothing");

    [Fact]
    public void Is_InputWithoutType_IsFalse() => AssertStrange(graph => graph.Input[0].Type = null);

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void Is_ConstantOfAnotherSize_IsFalse(long side) => AssertStrange(graph => graph.Initializer[0].Dims[0] = side);

    [Fact]
    public void Is_ConstantOfUnknownType_IsFalse() => AssertStrange(graph => graph.Initializer[0].DataType = 99);

    private static void AssertStrange(Action<GraphProto> change)
    {
        ModelProto model = SmallDetector.Create();
        change(model.Graph);
        Assert.False(OwnModel.Is(model));
        Assert.Throws<ModelException>(() => new QuantizableGraph(model));
    }
}
