using System.Runtime.InteropServices;
using Pipeline.Inference.Onnx;
using DataType = Pipeline.Inference.Onnx.TensorProto.Types.DataType;

namespace Pipeline.Inference;

/// <summary>A graph of this program's own making, and what has to be known of it to quantise it.</summary>
internal sealed class QuantizableGraph
{
    private readonly Dictionary<string, TensorProto> _initializers;
    private readonly ILookup<string, NodeProto> _consumers;
    private readonly HashSet<string> _outputs;

    /// <summary>Looks at a model's graph.</summary>
    /// <exception cref="ModelException">It is not one that can be quantised.</exception>
    public QuantizableGraph(ModelProto model)
    {
        if (!OwnModel.Is(model))
        {
            throw new ModelException("Only models that 'models import' or 'models build' wrote can be quantised.");
        }

        Graph = model.Graph;
        _initializers = Graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        _outputs = [.. Graph.Output.Select(output => output.Name)];
        _consumers = Graph.Node
            .SelectMany(node => node.Input.Distinct(StringComparer.Ordinal), (node, input) => (node, input))
            .ToLookup(pair => pair.input, pair => pair.node, StringComparer.Ordinal);
        if (Graph.Node.Any(node => node.OpType == "QuantizeLinear"))
        {
            throw new ModelException("The model is quantised already.");
        }

        if (Convolutions.Any(node => (DataType)Initializer(node.Input[1]).DataType != DataType.Float))
        {
            throw new ModelException("Only a model in single precision can be quantised; build it without half precision.");
        }
    }

    /// <summary>The graph.</summary>
    public GraphProto Graph { get; }

    /// <summary>
    /// The tensors whose values have to be watched: what convolutions take, and what they and sums give.
    /// </summary>
    public IReadOnlyCollection<string> Watched =>
    [
        .. Convolutions.Select(node => node.Input[0])
            .Concat(Convolutions.Where(node => !IsHead(node)).Select(Activated))
            .Concat(Graph.Node.Where(node => node.OpType == "Add").Select(node => node.Output[0]))
            .Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Numbers in its weights.</summary>
    public long ParameterCount => Graph.Initializer
        .Where(tensor => tensor.Dims.Count > 0 && (DataType)tensor.DataType == DataType.Float)
        .Sum(tensor => tensor.Dims.Aggregate(1L, (product, side) => product * side));

    private IEnumerable<NodeProto> Convolutions => Graph.Node.Where(node => node.OpType == "Conv");

    /// <summary>A constant of the graph.</summary>
    public TensorProto Initializer(string name) =>
        TryInitializer(name) ?? throw new ModelException($"The weights '{name}' are not in the graph.");

    /// <summary>A constant of the graph; null where a node or an input has this name.</summary>
    public TensorProto? TryInitializer(string name) => _initializers.GetValueOrDefault(name);

    /// <summary>A constant's numbers.</summary>
    public ReadOnlySpan<float> Floats(string name) => MemoryMarshal.Cast<byte, float>(Initializer(name).RawData.Span);

    /// <summary>What a convolution gives once its ReLU or its clipping is done, where it has one to itself.</summary>
    public string Activated(NodeProto convolution) =>
        _consumers[convolution.Output[0]].ToArray() is [{ OpType: "Relu" or "Clip" } activation]
            ? activation.Output[0]
            : convolution.Output[0];

    /// <summary>Whether no other convolution comes behind this one.</summary>
    public bool IsHead(NodeProto convolution)
    {
        Stack<string> open = new(convolution.Output);
        while (open.TryPop(out string? tensor))
        {
            foreach (NodeProto consumer in _consumers[tensor])
            {
                if (consumer.OpType == "Conv")
                {
                    return false;
                }

                open.Push(consumer.Output[0]);
            }
        }

        return true;
    }

    /// <summary>
    /// The transposition to channels-last behind a 1×1 convolution without stride or groups, where nothing else takes
    /// its result; null for any other.
    /// </summary>
    public NodeProto? PointwiseHead(NodeProto convolution)
    {
        bool isPointwise = Initializer(convolution.Input[1]).Dims is [_, _, 1, 1]
            && convolution.Attribute.All(attribute => attribute.Name switch
            {
                "group" => attribute.I == 1,
                "strides" => attribute.Ints.All(stride => stride == 1),
                "pads" => attribute.Ints.All(pad => pad == 0),
                _ => true,
            });
        return isPointwise
            && !_outputs.Contains(convolution.Output[0])
            && _consumers[convolution.Output[0]].ToArray() is [{ OpType: "Transpose" } transpose]
            && transpose.Attribute.Any(attribute => attribute.Ints is [0, 2, 3, 1])
                ? transpose
                : null;
    }
}
