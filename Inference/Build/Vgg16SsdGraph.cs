using Pipeline.Inference.Onnx;
using DataType = Pipeline.Inference.Onnx.TensorProto.Types.DataType;

namespace Pipeline.Inference;

/// <summary>
/// Writes the paper's network as an ONNX graph, in channels-first order with a dynamic batch. The shape of every layer
/// goes into the graph, where ONNX Runtime checks it.
/// </summary>
internal sealed class Vgg16SsdGraph
{
    /// <summary>The image.</summary>
    public const string InputName = "data";

    /// <summary>[batch, boxes, 4], (tx, ty, tw, th).</summary>
    public const string BoxesOutput = "mbox_loc";

    /// <summary>[batch, boxes, columns], logits.</summary>
    public const string ScoresOutput = "mbox_conf";

    /// <summary>Keeps the norm above 0; Caffe's value (Normalize layer).</summary>
    private const float NormEpsilon = 1e-10f;

    private readonly Vgg16SsdLayers _layers;
    private readonly IWeightSource _weights;
    private readonly DataType _type;
    private readonly Dictionary<string, FeatureMap> _maps = new(StringComparer.Ordinal);

    private Vgg16SsdGraph(Vgg16SsdLayers layers, IWeightSource weights, bool halfPrecision, string name)
    {
        _layers = layers;
        _weights = weights;
        _type = halfPrecision ? DataType.Float16 : DataType.Float;
        Onnx = new OnnxGraphBuilder(name);
    }

    private OnnxGraphBuilder Onnx { get; }

    /// <summary>Writes a network.</summary>
    /// <param name="layers">Its layers.</param>
    /// <param name="columns">Columns of the score head, the background included.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="halfPrecision">Whether it computes in half precision.</param>
    /// <param name="name">Name of the graph.</param>
    /// <param name="cancellationToken">Ends the writing between two layers.</param>
    /// <exception cref="ModelException">
    /// The weights have no or another tensor for a layer, or one is too large for half precision.
    /// </exception>
    public static OnnxGraphBuilder Write(
        Vgg16SsdLayers layers,
        int columns,
        IWeightSource weights,
        bool halfPrecision,
        string name,
        CancellationToken cancellationToken)
    {
        Vgg16SsdGraph graph = new(layers, weights, halfPrecision, name);
        string input = graph.Onnx.Input(InputName, graph._type, OnnxGraphBuilder.Batch, 3, layers.Side, layers.Side);
        FeatureMap map = new(input, layers.Side, layers.Side, 3);
        foreach (VggLayer layer in Vgg16SsdLayers.Base.Concat(layers.Extras))
        {
            cancellationToken.ThrowIfCancellationRequested();
            map = layer.IsPool
                ? graph.Pool(layer, map)
                : graph.Relu(layer.Name, graph.Convolution(layer.Name, layer.Channels, layer.Window, map));
            graph._maps.Add(layer.Name, map);
        }

        graph._maps[Vgg16SsdLayers.NormalisedLayer] = graph.Normalise(graph._maps[Vgg16SsdLayers.NormalisedLayer]);
        graph.Heads("loc", 4, BoxesOutput);
        graph.Heads("conf", columns, ScoresOutput);
        return graph.Onnx;
    }

    private FeatureMap Convolution(string name, int channels, ConvolutionWindow window, FeatureMap source)
    {
        float[] kernel = _weights.Kernel(name, channels, source.Channels, window.KernelHeight);
        string weights = Weights(
            $"{name}/weights", kernel, channels, source.Channels, window.KernelHeight, window.KernelWidth);
        string bias = Weights($"{name}/bias", _weights.Bias(name, channels), channels);
        return Shaped(new FeatureMap(
            Onnx.Convolution(name, source.Tensor, weights, bias, window),
            window.OutputHeight(source.Height),
            window.OutputWidth(source.Width),
            channels));
    }

    private FeatureMap Relu(string name, FeatureMap source) =>
        Shaped(source with { Tensor = Onnx.Node("Relu", $"{name}/relu", [source.Tensor]) });

    private FeatureMap Pool(VggLayer layer, FeatureMap source)
    {
        ConvolutionWindow window = layer.Window;
        string tensor = Onnx.Node(
            "MaxPool",
            layer.Name,
            [source.Tensor],
            OnnxAttributes.Integer("ceil_mode", layer.RoundsUp ? 1 : 0),
            OnnxAttributes.Integers("kernel_shape", window.KernelHeight, window.KernelWidth),
            OnnxAttributes.Integers("pads", window.PadTop, window.PadLeft, window.PadBottom, window.PadRight),
            OnnxAttributes.Integers("strides", window.Stride, window.Stride));

        // Rounding up is rounding down with as many rows more as a stride has beyond the first.
        int beyond = layer.RoundsUp ? window.Stride - 1 : 0;
        return Shaped(source with
        {
            Tensor = tensor,
            Height = window.OutputHeight(source.Height + beyond),
            Width = window.OutputWidth(source.Width + beyond),
        });
    }

    // y = scale·x/√(Σ x² + ε) over the channels. Squares of a few hundred overflow in half precision, so this part is
    // always single.
    private FeatureMap Normalise(FeatureMap source)
    {
        string name = $"{Vgg16SsdLayers.NormalisedLayer}_norm";
        string x = Cast($"{name}/single", source.Tensor, _type, DataType.Float);
        string squares = Onnx.Node("Mul", $"{name}/squares", [x, x]);
        string sum = Onnx.Node(
            "ReduceSum",
            $"{name}/sum",
            [squares, Onnx.Integers($"{name}/channels", 1)],
            OnnxAttributes.Integer("keepdims", 1));
        string positive = Onnx.Node("Add", $"{name}/positive", [sum, Onnx.Scalar($"{name}/epsilon", NormEpsilon)]);
        string unit = Onnx.Node("Div", $"{name}/unit", [x, Onnx.Node("Sqrt", $"{name}/length", [positive])]);
        string scale = Onnx.Weights($"{name}/scale", _weights.NormScale(source.Channels), 1, source.Channels, 1, 1);
        string scaled = Onnx.Node("Mul", name, [unit, scale]);
        return Shaped(source with { Tensor = Cast($"{name}/result", scaled, DataType.Float, _type) });
    }

    // Caffe's order: channels last before a map becomes rows, so that these are counted by row, column and box of the
    // cell.
    private void Heads(string kind, int values, string output)
    {
        string rowShape = Onnx.Integers($"{kind}/shape", 0, -1, values);
        List<string> parts = [];
        int rows = 0;
        for (int i = 0; i < _layers.Sources.Length; i++)
        {
            HeadSource source = _layers.Sources[i];
            FeatureMap map = Convolution(
                $"{kind}_{i}", source.BoxesPerCell * values, ConvolutionWindow.Square(3, pad: 1), _maps[source.Layer]);
            string channelsLast = Onnx.Node(
                "Transpose", $"{kind}_{i}/channels_last", [map.Tensor], OnnxAttributes.Integers("perm", 0, 2, 3, 1));
            parts.Add(Onnx.Node("Reshape", $"{kind}_{i}/rows", [channelsLast, rowShape]));
            rows += map.Height * map.Width * source.BoxesPerCell;
        }

        string joined = _type == DataType.Float ? output : $"{output}/half";
        string tensor = Onnx.Node("Concat", joined, [.. parts], OnnxAttributes.Integer("axis", 1));
        Onnx.Output(Cast(output, tensor, _type, DataType.Float), DataType.Float, OnnxGraphBuilder.Batch, rows, values);
    }

    private string Cast(string name, string tensor, DataType from, DataType to) =>
        from == to ? tensor : Onnx.Node("Cast", name, [tensor], OnnxAttributes.Integer("to", (long)to));

    private string Weights(string name, float[] values, params ReadOnlySpan<long> shape) => _type == DataType.Float
        ? Onnx.Weights(name, values, shape)
        : Onnx.Weights(name, HalfWeights.Narrow(name, values), shape);

    private FeatureMap Shaped(FeatureMap map)
    {
        Onnx.Shape(map.Tensor, _type, OnnxGraphBuilder.Batch, map.Channels, map.Height, map.Width);
        return map;
    }
}
