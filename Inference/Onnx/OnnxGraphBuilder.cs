using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Pipeline.Inference.Onnx;

/// <summary>
/// Writes an ONNX graph node by node, in the order of the calls. Every method that adds something gives back the name
/// of the tensor it makes, so that calls chain. Same calls, same bytes. Not thread-safe.
/// </summary>
/// <param name="name">Name of the graph.</param>
internal sealed class OnnxGraphBuilder(string name)
{
    /// <summary>A dimension that is known at the run only; in the file it is called "batch".</summary>
    public const long Batch = -1;

    /// <summary>Operator set: per-channel quantisation needs 13; any ONNX Runtime since 1.3 knows it.</summary>
    public const int OperatorSet = 13;

    /// <summary>Who wrote the graph, as the file says it.</summary>
    public const string Producer = "ssd-pipeline";

    private const int IrVersion = 7;
    private readonly GraphProto _graph = new() { Name = name };
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Nodes so far.</summary>
    public int NodeCount => _graph.Node.Count;

    /// <summary>Convolutions so far.</summary>
    public int ConvolutionCount => _graph.Node.Count(node => node.OpType == "Conv");

    /// <summary>Numbers in the floating-point weights so far.</summary>
    public long ParameterCount { get; private set; }

    /// <summary>Declares an input of the graph.</summary>
    public string Input(string tensor, TensorProto.Types.DataType type, params ReadOnlySpan<long> shape)
    {
        _graph.Input.Add(ValueInfo(Unique(tensor), type, shape));
        return tensor;
    }

    /// <summary>Declares a tensor that a node has made as an output of the graph.</summary>
    public void Output(string tensor, TensorProto.Types.DataType type, params ReadOnlySpan<long> shape)
    {
        if (!_names.Contains(tensor))
        {
            throw new ArgumentException($"No node makes the tensor '{tensor}'.", nameof(tensor));
        }

        _graph.Output.Add(ValueInfo(tensor, type, shape));
    }

    /// <summary>States the shape of a tensor that a node makes, for whoever reads the graph.</summary>
    public void Shape(string tensor, TensorProto.Types.DataType type, params ReadOnlySpan<long> shape) =>
        _graph.ValueInfo.Add(ValueInfo(tensor, type, shape));

    /// <summary>Adds weights; <paramref name="values"/> are copied, row-major in <paramref name="shape"/>.</summary>
    public string Weights(string tensor, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape)
    {
        ParameterCount += values.Length;
        return Constant(tensor, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values).ToArray(), shape);
    }

    /// <summary>Adds weights in half precision.</summary>
    public string Weights(string tensor, ReadOnlySpan<Half> values, params ReadOnlySpan<long> shape)
    {
        ParameterCount += values.Length;
        return Constant(tensor, TensorProto.Types.DataType.Float16, MemoryMarshal.AsBytes(values).ToArray(), shape);
    }

    /// <summary>Adds a list of integers, such as the shape that Reshape takes.</summary>
    public string Integers(string tensor, params ReadOnlySpan<long> values) =>
        Constant(tensor, TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes(values).ToArray(), values.Length);

    /// <summary>Adds one number without dimensions, such as the bounds that Clip takes.</summary>
    public string Scalar(string tensor, float value) =>
        Constant(tensor, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes([value]).ToArray());

    /// <summary>Adds a constant tensor of any type.</summary>
    /// <param name="tensor">Its name.</param>
    /// <param name="type">Type of its elements.</param>
    /// <param name="bytes">Its elements, little-endian and row-major; from now on the builder's.</param>
    /// <param name="shape">Its dimensions.</param>
    public string Constant(string tensor, TensorProto.Types.DataType type, byte[] bytes, params ReadOnlySpan<long> shape)
    {
        long elements = 1;
        foreach (long side in shape)
        {
            elements *= side;
        }

        if (elements * OnnxTypes.Size(type) != bytes.Length)
        {
            throw new ArgumentException(
                $"'{tensor}' of {elements} {type} elements cannot have {bytes.Length} bytes.", nameof(bytes));
        }

        TensorProto constant = new()
        {
            Name = Unique(tensor),
            DataType = (int)type,
            RawData = UnsafeByteOperations.UnsafeWrap(bytes),
        };
        constant.Dims.AddRange(shape.ToArray());
        _graph.Initializer.Add(constant);
        return tensor;
    }

    /// <summary>Adds a node with one output, which bears the node's name.</summary>
    /// <param name="operation">The operator, such as "Conv".</param>
    /// <param name="output">Name of the node and of its output.</param>
    /// <param name="inputs">Names of its inputs, each made before.</param>
    /// <param name="attributes">Its attributes.</param>
    public string Node(
        string operation, string output, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        NodeProto node = new() { Name = output, OpType = operation };
        foreach (string input in inputs)
        {
            if (!_names.Contains(input))
            {
                throw new ArgumentException(
                    $"'{output}' takes the tensor '{input}', which nothing before it makes.", nameof(inputs));
            }

            node.Input.Add(input);
        }

        node.Output.Add(Unique(output));
        node.Attribute.AddRange(attributes.ToArray());
        _graph.Node.Add(node);
        return output;
    }

    /// <summary>Adds a two-dimensional convolution with a bias.</summary>
    /// <param name="output">Name of the node and of its output; its weights are called after it.</param>
    /// <param name="input">Its input, [batch, channels, rows, columns].</param>
    /// <param name="weights">Name of its weights, [outputs, channels/groups, rows, columns].</param>
    /// <param name="bias">Name of its bias, [outputs].</param>
    /// <param name="window">Kernel, strides, pads and dilation.</param>
    /// <param name="groups">Groups of channels; as many as channels in a depthwise convolution.</param>
    public string Convolution(
        string output, string input, string weights, string bias, ConvolutionWindow window, long groups = 1) =>
        Node(
            "Conv",
            output,
            [input, weights, bias],
            OnnxAttributes.Integers("dilations", window.Dilation, window.Dilation),
            OnnxAttributes.Integer("group", groups),
            OnnxAttributes.Integers("kernel_shape", window.KernelHeight, window.KernelWidth),
            OnnxAttributes.Integers("pads", window.PadTop, window.PadLeft, window.PadBottom, window.PadRight),
            OnnxAttributes.Integers("strides", window.Stride, window.Stride));

    /// <summary>The finished model. The builder is not to be used again.</summary>
    /// <param name="description">What the model is and where it comes from, in a sentence.</param>
    public ModelProto Build(string description)
    {
        ModelProto model = new()
        {
            IrVersion = IrVersion,
            ProducerName = Producer,
            DocString = description,
            Graph = _graph,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = OperatorSet });
        return model;
    }

    private static ValueInfoProto ValueInfo(string tensor, TensorProto.Types.DataType type, ReadOnlySpan<long> shape)
    {
        TensorShapeProto dimensions = new();
        foreach (long side in shape)
        {
            dimensions.Dim.Add(side == Batch
                ? new TensorShapeProto.Types.Dimension { DimParam = "batch" }
                : new TensorShapeProto.Types.Dimension { DimValue = side });
        }

        return new ValueInfoProto
        {
            Name = tensor,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions } },
        };
    }

    private string Unique(string tensor) => _names.Add(tensor)
        ? tensor
        : throw new ArgumentException($"The graph has a tensor '{tensor}' already.", nameof(tensor));
}
