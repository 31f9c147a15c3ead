using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Pipeline.Inference.Onnx;

namespace Pipeline.Inference;

/// <summary>
/// Rewrites the convolutional part of a TensorFlow graph as ONNX: channels first, explicit padding, and everything that
/// is linear after a convolution (batch norm, bias, scale) folded into it. Nodes are evaluated from the outputs
/// backwards, each once; what the outputs do not need is never looked at. Not thread-safe.
/// </summary>
/// <param name="graph">The graph to convert.</param>
/// <param name="onnx">Where the nodes are written.</param>
/// <param name="outputNames">ONNX names for the nodes that become outputs; any other node keeps its own name.</param>
internal sealed partial class TensorFlowConverter(
    TensorFlowGraph graph,
    OnnxGraphBuilder onnx,
    IReadOnlyDictionary<string, string> outputNames)
{
    private readonly Dictionary<string, GraphValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<FoldedConvolution, FeatureMap> _written = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, int> _consumers = new(StringComparer.Ordinal);
    private (string Zero, string Six)? _clipBounds;

    /// <summary>Declares a node as the network's input; nothing before it is looked at.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="tensor">Name of the input in the ONNX graph.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    public void Input(string node, string tensor, int height, int width)
    {
        graph.Node(node);
        onnx.Input(tensor, TensorProto.Types.DataType.Float, OnnxGraphBuilder.Batch, 3, height, width);
        _values[node] = new FeatureMap(tensor, height, width, 3);
    }

    /// <summary>Converts a node and all that it needs, and declares it as an output.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="shape">The shape it must have; −1 for the batch.</param>
    /// <exception cref="ModelException">
    /// An operator, an attribute or a shape is not what this converter knows.
    /// </exception>
    public void Output(string node, params ReadOnlySpan<int> shape)
    {
        CountConsumers(node);
        RowsValue? rows = Evaluate(node) as RowsValue;
        if (rows is null || !rows.Shape.AsSpan().SequenceEqual(shape))
        {
            string found = rows is null ? "is no list of boxes" : $"is {Sides(rows.Shape)}";
            throw graph.Node(node).Error($"{found}; {Sides([.. shape])} was expected.");
        }

        onnx.Output(rows.Tensor, TensorProto.Types.DataType.Float, [.. rows.Shape.Select(side => (long)side)]);
    }

    private GraphValue Evaluate(string name)
    {
        if (!_values.TryGetValue(name, out GraphValue? value))
        {
            if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            {
                throw new ModelException($"The graph loops or is too deep at node '{name}'.");
            }

            TensorFlowNode node = graph.Node(name);
            try
            {
                value = Convert(node);
            }
            catch (Exception exception)
                when (exception is InvalidOperationException or FormatException or OverflowException or ArgumentException)
            {
                // An attribute of another kind, a number out of range, a name that is taken.
                throw node.Error($"cannot be converted: {exception.Message}");
            }

            _values.Add(name, value);
        }

        return value;
    }

    private GraphValue Convert(TensorFlowNode node) => node.Operation switch
    {
        "Const" => new ConstantValue(graph.Weights(node.Name)),
        "Conv2D" => Convolution(node, depthwise: false),
        "DepthwiseConv2dNative" => Convolution(node, depthwise: true),
        "Mul" => Multiply(node),
        "Add" or "AddN" or "BiasAdd" => Add(node),
        "FusedBatchNorm" => BatchNorm(node),
        "Relu6" => Relu6(node),
        "Shape" => new IntegersValue(Map(node, 0).Shape),
        "StridedSlice" => PickInteger(node),
        "Pack" => new IntegersValue([.. node.Inputs.Select(input => Integer(node, input))]),
        "Reshape" => Reshape(node),
        "ConcatV2" => Concatenate(node),
        "Squeeze" => Squeeze(node),
        _ => throw node.Error(
            "is an operator that the importer does not know. It converts SSD graphs of the TensorFlow Object Detection "
            + "API with a MobileNet."),
    };

    private FeatureMap Relu6(TensorFlowNode node)
    {
        FeatureMap source = Map(node, 0);
        (string zero, string six) = _clipBounds ??= (onnx.Scalar("zero", 0), onnx.Scalar("six", 6));
        return source with { Tensor = onnx.Node("Clip", Name(node), [source.Tensor, zero, six]) };
    }

    private IntegersValue PickInteger(TensorFlowNode node)
    {
        ImmutableArray<int> items = Integers(node, node.Input(0));
        int begin = Integer(node, node.Input(1));
        if (node.IntegerAttribute("shrink_axis_mask") != 1 || begin < 0 || begin >= items.Length)
        {
            throw node.Error("does something else than picking one side of a shape.");
        }

        return new IntegersValue([items[begin]]);
    }

    // Boxes are counted by row, column and box of the cell, so channels go last before a map becomes a list.
    private RowsValue Reshape(TensorFlowNode node)
    {
        FeatureMap map = Map(node, 0);
        ImmutableArray<int> shape = Integers(node, node.Input(1));
        long elements = shape.Skip(1).Aggregate(1L, (product, side) => product * side);
        if (shape.Length < 2 || shape[0] != -1 || elements != (long)map.Height * map.Width * map.Channels)
        {
            throw node.Error($"makes {Sides(shape)} of {Sides(map.Shape)}, which has another number of elements.");
        }

        string transposed = onnx.Node(
            "Transpose", $"{node.Name}/channels_last", [map.Tensor], OnnxAttributes.Integers("perm", 0, 2, 3, 1));
        string sides = onnx.Integers($"{node.Name}/shape", [.. shape.Select(side => (long)side)]);
        return new RowsValue(onnx.Node("Reshape", Name(node), [transposed, sides]), shape);
    }

    private RowsValue Concatenate(TensorFlowNode node)
    {
        if (node.Inputs.Length < 2)
        {
            throw node.Error("joins nothing.");
        }

        int axis = Integer(node, node.Inputs[^1]);
        RowsValue[] parts = [.. node.Inputs.SkipLast(1).Select(input => Rows(node, input))];
        ImmutableArray<int> shape = parts[0].Shape;
        if (axis < 1
            || axis >= shape.Length
            || parts.Any(part => !part.Shape.SetItem(axis, 0).SequenceEqual(shape.SetItem(axis, 0))))
        {
            throw node.Error($"joins {string.Join(", ", parts.Select(part => Sides(part.Shape)))} along axis {axis}.");
        }

        string joined = onnx.Node(
            "Concat", Name(node), [.. parts.Select(part => part.Tensor)], OnnxAttributes.Integer("axis", axis));
        return new RowsValue(joined, shape.SetItem(axis, parts.Sum(part => part.Shape[axis])));
    }

    private RowsValue Squeeze(TensorFlowNode node)
    {
        RowsValue source = Rows(node, node.Input(0));
        ImmutableArray<int> axes = node.IntegersAttribute("squeeze_dims");
        if (axes is not [int axis] || axis < 1 || axis >= source.Shape.Length || source.Shape[axis] != 1)
        {
            throw node.Error($"cannot take the sides {Sides(axes)} out of {Sides(source.Shape)}.");
        }

        string squeezed = onnx.Node("Squeeze", Name(node), [source.Tensor, onnx.Integers($"{node.Name}/axes", axis)]);
        return new RowsValue(squeezed, source.Shape.RemoveAt(axis));
    }

    private RowsValue Rows(TensorFlowNode node, string input) =>
        Evaluate(input) as RowsValue ?? throw node.Error($"takes '{input}', which is no list of boxes.");

    private FeatureMap Map(TensorFlowNode node, int input) => Evaluate(node.Input(input)) switch
    {
        FeatureMap map => map,
        FoldedConvolution convolution => Write(convolution),
        _ => throw node.Error($"takes '{node.Input(input)}', which is no feature map."),
    };

    private int Integer(TensorFlowNode node, string input) =>
        Integers(node, input) is [int single]
            ? single
            : throw node.Error($"takes '{input}', which is not a single integer.");

    private ImmutableArray<int> Integers(TensorFlowNode node, string input) => Evaluate(input) switch
    {
        IntegersValue integers => integers.Items,
        ConstantValue constant => [.. constant.Tensor.Integers],
        _ => throw node.Error($"takes '{input}', which is no list of integers."),
    };

    // The nodes that take each node's result, among those that the output needs: a shared one has to be written by
    // itself.
    private void CountConsumers(string output)
    {
        Stack<string> open = new([output]);
        while (open.TryPop(out string? name))
        {
            // The declared input and what was counted already have their inputs behind them.
            _consumers.TryAdd(name, 0);
            if (_values.ContainsKey(name))
            {
                continue;
            }

            foreach (string input in graph.Node(name).Inputs)
            {
                _consumers[input] = _consumers.GetValueOrDefault(input) + 1;
                if (_consumers[input] == 1)
                {
                    open.Push(input);
                }
            }
        }
    }

    private string Name(TensorFlowNode node) => outputNames.GetValueOrDefault(node.Name, node.Name);

    private static string Sides(ImmutableArray<int> sides) =>
        $"[{string.Join(", ", sides.Select(side => side == -1 ? "batch" : side.ToString()))}]";
}
