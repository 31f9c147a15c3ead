using System.Runtime.InteropServices;
using Pipeline.Inference.Onnx;
using DataType = Pipeline.Inference.Onnx.TensorProto.Types.DataType;

namespace Pipeline.Inference;

/// <summary>
/// Rewrites a graph of this program's own making in half precision. Convolutions compute in half precision, and so does what
/// only picks, compares or adds their results. Everything else stays single: the norm of a layer for example, whose squares
/// would overflow. The input is half, the outputs single.
/// </summary>
internal sealed class HalfGraphWriter
{
    /// <summary>Operators that are worth a cast of their inputs.</summary>
    private static readonly HashSet<string> Heavy = ["Conv", "MatMul", "Gemm"];

    /// <summary>Operators that compute in half precision what comes in half precision.</summary>
    private static readonly HashSet<string> Light =
        ["Relu", "Clip", "Add", "MaxPool", "Transpose", "Reshape", "Concat", "Squeeze", "Unsqueeze"];

    private readonly Dictionary<string, TensorProto> _initializers;
    private readonly HashSet<string> _outputs;
    private readonly OnnxGraphBuilder _result;

    /// <summary>Names in the result of the source's tensors, by their names there; a tensor can be in both.</summary>
    private readonly Dictionary<string, string> _halves = new(StringComparer.Ordinal);

    private readonly Dictionary<string, string> _singles = new(StringComparer.Ordinal);

    private HalfGraphWriter(GraphProto source, string name)
    {
        _initializers = source.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        _outputs = [.. source.Output.Select(output => output.Name)];
        _result = new OnnxGraphBuilder(name);
    }

    /// <summary>Writes the graph in half precision.</summary>
    /// <param name="source">The graph in single precision.</param>
    /// <param name="name">Name of the new graph.</param>
    /// <exception cref="ModelException">A weight is too large for half precision.</exception>
    public static OnnxGraphBuilder Write(GraphProto source, string name)
    {
        HalfGraphWriter writer = new(source, name);
        foreach (ValueInfoProto input in source.Input)
        {
            writer._halves[input.Name] = writer._result.Input(input.Name, DataType.Float16, Shape(input));
        }

        foreach (NodeProto node in source.Node)
        {
            writer.Rewrite(node);
        }

        foreach (ValueInfoProto output in source.Output)
        {
            writer._result.Output(writer.Single(output.Name), DataType.Float, Shape(output));
        }

        return writer._result;
    }

    private void Rewrite(NodeProto node)
    {
        bool isHalf = Heavy.Contains(node.OpType)
            || (Light.Contains(node.OpType) && node.Input.Where(IsComputed).All(_halves.ContainsKey));
        string name = node.Output[0];

        // An output keeps its name, which its cast to single precision takes.
        string own = isHalf && _outputs.Contains(name) ? $"{name}/half" : name;
        string[] inputs = [.. node.Input.Select(tensor => isHalf ? Half(tensor) : Single(tensor))];
        (isHalf ? _halves : _singles)[name] = _result.Node(node.OpType, own, inputs, [.. node.Attribute]);
    }

    private bool IsComputed(string tensor) => !_initializers.ContainsKey(tensor);

    private string Half(string tensor)
    {
        if (!_halves.TryGetValue(tensor, out string? half))
        {
            half = _initializers.TryGetValue(tensor, out TensorProto? constant)
                ? Constant(constant, isHalf: true)
                : Cast($"{tensor}/half", _singles[tensor], DataType.Float16);
            _halves.Add(tensor, half);
        }

        return half;
    }

    private string Single(string tensor)
    {
        if (!_singles.TryGetValue(tensor, out string? single))
        {
            single = _initializers.TryGetValue(tensor, out TensorProto? constant)
                ? Constant(constant, isHalf: false)
                : Cast(_outputs.Contains(tensor) ? tensor : $"{tensor}/single", _halves[tensor], DataType.Float);
            _singles.Add(tensor, single);
        }

        return single;
    }

    private string Cast(string name, string tensor, DataType to) =>
        _result.Node("Cast", name, [tensor], OnnxAttributes.Integer("to", (long)to));

    /// <summary>Copies a constant; whole numbers, such as the shape that Reshape takes, stay what they are.</summary>
    private string Constant(TensorProto constant, bool isHalf)
    {
        var type = (DataType)constant.DataType;
        bool isInOther = (isHalf ? _singles : _halves).ContainsKey(constant.Name);
        if (isInOther && type != DataType.Float)
        {
            return constant.Name;
        }

        string name = isInOther ? $"{constant.Name}/{(isHalf ? "half" : "single")}" : constant.Name;
        return isHalf && type == DataType.Float
            ? _result.Weights(
                name,
                HalfWeights.Narrow(constant.Name, MemoryMarshal.Cast<byte, float>(constant.RawData.Span)),
                [.. constant.Dims])
            : _result.Constant(name, type, constant.RawData.ToByteArray(), [.. constant.Dims]);
    }

    private static long[] Shape(ValueInfoProto value) =>
        [.. value.Type.TensorType.Shape.Dim.Select(side => side.HasDimValue ? side.DimValue : OnnxGraphBuilder.Batch)];
}
