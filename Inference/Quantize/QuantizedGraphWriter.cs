using System.Runtime.InteropServices;
using Pipeline.Inference.Onnx;
using DataType = Pipeline.Inference.Onnx.TensorProto.Types.DataType;

namespace Pipeline.Inference;

/// <summary>
/// Rewrites a graph so that its convolutions compute in 8 bits: activations are unsigned with one range a tensor,
/// weights signed with a scale for each output, and every quantised tensor stands in the graph as a pair
/// QuantizeLinear, DequantizeLinear, which an ONNX runtime fuses with the operators between them. The heads' results
/// stay in single precision: a step of an 8-bit logit would be seen in the scores.
/// </summary>
internal sealed class QuantizedGraphWriter
{
    private readonly QuantizableGraph _source;
    private readonly IReadOnlyDictionary<string, ActivationStatistics> _statistics;
    private readonly double _share;
    private readonly OnnxGraphBuilder _result;
    private readonly Dictionary<string, QuantizedTensor> _quantized = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _singles = new(StringComparer.Ordinal);

    private QuantizedGraphWriter(
        QuantizableGraph source, IReadOnlyDictionary<string, ActivationStatistics> statistics, double share, string name)
    {
        _source = source;
        _statistics = statistics;
        _share = share;
        _result = new OnnxGraphBuilder(name);
    }

    /// <summary>Writes the quantised graph.</summary>
    /// <param name="source">The graph in single precision.</param>
    /// <param name="statistics">What values its tensors take: those of <see cref="QuantizableGraph.Watched"/>.</param>
    /// <param name="share">Share of a tensor's values that its range holds.</param>
    /// <param name="name">Name of the new graph.</param>
    public static OnnxGraphBuilder Write(
        QuantizableGraph source, IReadOnlyDictionary<string, ActivationStatistics> statistics, double share, string name)
    {
        QuantizedGraphWriter writer = new(source, statistics, share, name);
        foreach (ValueInfoProto input in source.Graph.Input)
        {
            writer._result.Input(input.Name, (DataType)input.Type.TensorType.ElemType, Shape(input));
        }

        foreach (NodeProto node in source.Graph.Node)
        {
            writer.Rewrite(node);
        }

        foreach (ValueInfoProto output in source.Graph.Output)
        {
            writer._result.Output(writer.Single(output.Name), (DataType)output.Type.TensorType.ElemType, Shape(output));
        }

        return writer._result;
    }

    private void Rewrite(NodeProto node)
    {
        bool isDone = _quantized.ContainsKey(node.Output[0]) || _singles.ContainsKey(node.Output[0]);
        if (isDone)
        {
            return;
        }

        if (node.OpType == "Conv" && _source.IsHead(node))
        {
            Head(node);
        }
        else if (node.OpType == "Conv")
        {
            Convolve(node);
        }
        else if (node.OpType == "Add" && node.Input.All(_quantized.ContainsKey))
        {
            Copy(node);
            Quantize(node.Output[0], node.Output[0]);
        }
        else if (node.OpType == "MaxPool" && _quantized.TryGetValue(node.Input[0], out QuantizedTensor? pooled))
        {
            Copy(node);
            Quantize(node.Output[0], node.Output[0], pooled);
        }
        else
        {
            Copy(node);
        }
    }

    // The activation behind a convolution cuts off at 0 and perhaps at 6, which the unsigned range does as well.
    private void Convolve(NodeProto node)
    {
        QuantizedTensor input = QuantizedInput(node);
        QuantizedKernel kernel = Kernel(node);
        string name = node.Output[0];
        byte[] bytes = MemoryMarshal.AsBytes<sbyte>(kernel.Weights).ToArray();
        string weights = Weights(name, kernel, axis: 0, bytes, [.. _source.Initializer(node.Input[1]).Dims]);
        string bias = Bias(name, kernel, input.Scale);
        _result.Node("Conv", name, [input.Dequantized, weights, bias], [.. node.Attribute]);
        Quantize(name, _source.Activated(node));
    }

    // A 1×1 convolution whose result goes on with channels last is a product of matrices, which can take 8 bits and
    // give single precision; any other head computes in single precision.
    private void Head(NodeProto node)
    {
        QuantizedTensor input = QuantizedInput(node);
        if (_source.PointwiseHead(node) is not NodeProto transpose)
        {
            string[] inputs = [input.Dequantized, Single(node.Input[1]), Single(node.Input[2])];
            _result.Node("Conv", node.Output[0], inputs, [.. node.Attribute]);
            return;
        }

        string name = node.Output[0];
        QuantizedKernel kernel = Kernel(node);
        int outputs = kernel.Bias.Length;
        int channels = kernel.Weights.Length / outputs;
        byte[] byChannel = new byte[kernel.Weights.Length];
        for (int i = 0; i < byChannel.Length; i++)
        {
            byChannel[i] = (byte)kernel.Weights[(i % outputs * channels) + (i / outputs)];
        }

        string weights = Weights(name, kernel, axis: 1, byChannel, [channels, outputs]);
        string last = _result.Node("Transpose", $"{name}/int8/last", [input.Quantized], [.. transpose.Attribute]);
        string single = _result.Node("DequantizeLinear", $"{name}/int8/input", [last, input.ScaleName, input.ZeroName]);
        string product = _result.Node("MatMul", $"{name}/int8/product", [single, weights]);
        string bias = _result.Weights($"{name}/int8/bias", kernel.Bias, outputs);
        _singles[transpose.Output[0]] = _result.Node("Add", name, [product, bias]);
    }

    private void Copy(NodeProto node) =>
        _result.Node(node.OpType, node.Output[0], [.. node.Input.Select(Single)], [.. node.Attribute]);

    private QuantizedKernel Kernel(NodeProto node) => QuantizedKernel.Round(
        _source.Floats(node.Input[1]),
        _source.Floats(node.Input[2]),
        (int)(node.Attribute.FirstOrDefault(attribute => attribute.Name == "group")?.I ?? 1),
        _statistics[node.Input[0]].ChannelMeans);

    private string Weights(string name, QuantizedKernel kernel, int axis, byte[] bytes, long[] shape)
    {
        int outputs = kernel.Scales.Length;
        name += "/int8/weights";
        string weights = _result.Constant(name, DataType.Int8, bytes, shape);
        string scales = _result.Weights($"{name}/scale", kernel.Scales, outputs);
        string zeros = _result.Constant($"{name}/zero", DataType.Int8, new byte[outputs], outputs);
        return _result.Node(
            "DequantizeLinear", $"{name}/single", [weights, scales, zeros], OnnxAttributes.Integer("axis", axis));
    }

    // The sums of products are 32-bit integers, in units of input scale times weight scale; so is the bias.
    private string Bias(string name, QuantizedKernel kernel, float inputScale)
    {
        int outputs = kernel.Bias.Length;
        int[] rounded = new int[outputs];
        float[] scales = new float[outputs];
        for (int output = 0; output < outputs; output++)
        {
            scales[output] = inputScale * kernel.Scales[output];
            double steps = Math.Round((double)kernel.Bias[output] / scales[output]);
            rounded[output] = (int)Math.Clamp(steps, int.MinValue, int.MaxValue);
        }

        name += "/int8/bias";
        string bias = _result.Constant(name, DataType.Int32, MemoryMarshal.AsBytes<int>(rounded).ToArray(), outputs);
        string scale = _result.Weights($"{name}/scale", scales, outputs);
        string zeros = _result.Constant($"{name}/zero", DataType.Int32, new byte[outputs * sizeof(int)], outputs);
        return _result.Node("DequantizeLinear", $"{name}/single", [bias, scale, zeros], OnnxAttributes.Integer("axis", 0));
    }

    private QuantizedTensor QuantizedInput(NodeProto node) =>
        _quantized.GetValueOrDefault(node.Input[0]) ?? Quantize(Single(node.Input[0]), node.Input[0]);

    /// <summary>
    /// Adds the pair of nodes behind a tensor of the result; from then on it stands for a tensor of the source.
    /// </summary>
    private QuantizedTensor Quantize(string tensor, string standsFor, QuantizedTensor? like = null)
    {
        string name = $"{standsFor}/uint8";
        float scale = like?.Scale ?? 0;
        (string scaleName, string zeroName) = (like?.ScaleName ?? "", like?.ZeroName ?? "");
        if (like is null)
        {
            (float low, float high) = _statistics[standsFor].RangeOf(_share);
            scale = high > low ? (high - low) / byte.MaxValue : 1;
            byte zero = (byte)Math.Clamp(MathF.Round(-low / scale), byte.MinValue, byte.MaxValue);
            scaleName = _result.Scalar($"{name}/scale", scale);
            zeroName = _result.Constant($"{name}/zero", DataType.Uint8, [zero]);
        }

        string quantized = _result.Node("QuantizeLinear", name, [tensor, scaleName, zeroName]);
        string dequantized = _result.Node("DequantizeLinear", $"{name}/single", [quantized, scaleName, zeroName]);
        return _quantized[standsFor] = new QuantizedTensor(quantized, dequantized, scale, scaleName, zeroName);
    }

    /// <summary>The tensor of the result that has the values of a tensor of the source in single precision.</summary>
    private string Single(string tensor)
    {
        if (_quantized.TryGetValue(tensor, out QuantizedTensor? quantized))
        {
            return quantized.Dequantized;
        }

        if (_singles.TryGetValue(tensor, out string? single))
        {
            return single;
        }

        if (_source.TryInitializer(tensor) is TensorProto constant)
        {
            byte[] bytes = constant.RawData.ToByteArray();
            _singles[tensor] = _result.Constant(tensor, (DataType)constant.DataType, bytes, [.. constant.Dims]);
        }

        return tensor;
    }

    private static long[] Shape(ValueInfoProto value) =>
        [.. value.Type.TensorType.Shape.Dim.Select(side => side.HasDimValue ? side.DimValue : OnnxGraphBuilder.Batch)];

    private sealed record QuantizedTensor(
        string Quantized, string Dequantized, float Scale, string ScaleName, string ZeroName);
}
