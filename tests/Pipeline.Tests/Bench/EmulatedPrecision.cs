using System.Runtime.InteropServices;
using Google.Protobuf;
using Pipeline.Inference.Onnx;
using DataType = Pipeline.Inference.Onnx.TensorProto.Types.DataType;

namespace Pipeline.Tests.Bench;

/// <summary>Rewrites a network so that the processor computes what a GPU's convolutions lose.</summary>
internal static class EmulatedPrecision
{
    /// <summary>
    /// What F(4×4, 3×3) of Lavin and Gray ("Fast Algorithms for Convolutional Neural Networks", 2015) loses in single precision, as a
    /// share of the results' root mean square: measured for 512 channels. With 64 it is 1.5e-6.
    /// </summary>
    private const float WinogradLoss = 4e-6f;

    /// <summary>The same of sums in another order, for 256 channels of 3×3.</summary>
    private const float OrderLoss = 6e-7f;

    /// <summary>
    /// TF32: the inputs and weights of every convolution are rounded to a mantissa of 10 bits, and the sums are single.
    /// </summary>
    public static byte[] TensorFloat32(byte[] onnx) => Rewrite(onnx, static (graph, node, weights) =>
    {
        Round(weights);
        string input = node.Input[0];
        string half = graph.Add("Cast", $"{node.Name}/in/half", [input], OnnxAttributes.Integer("to", (long)DataType.Float16));
        node.Input[0] = graph.Add("Cast", $"{node.Name}/in", [half], OnnxAttributes.Integer("to", (long)DataType.Float));
        graph.Node.Add(node);
    });

    /// <summary>Single precision by Winograd's algorithm where it can be: random differences as large as its own.</summary>
    public static byte[] Winograd(byte[] onnx) => Rewrite(onnx, static (graph, node, weights) =>
    {
        // A depthwise convolution has one input channel a group.
        float loss = weights.Dims[2] == 3 && weights.Dims[1] > 1 ? WinogradLoss : OrderLoss;
        string result = node.Output[0];
        string exact = $"{result}/exact";
        (node.Name, node.Output[0]) = (exact, exact);
        graph.Node.Add(node);
        string squares = graph.Add("Mul", $"{result}/squares", [exact, exact]);
        string mean = graph.Add("ReduceMean", $"{result}/mean", [squares], OnnxAttributes.Integer("keepdims", 1));
        string size = graph.Add("Sqrt", $"{result}/size", [mean]);
        string noise = graph.Add(
            "RandomNormalLike",
            $"{result}/noise",
            [exact],
            OnnxAttributes.Number("scale", loss),
            OnnxAttributes.Number("seed", graph.Node.Count));
        string scaled = graph.Add("Mul", $"{result}/difference", [noise, size]);
        graph.Add("Add", result, [exact, scaled]);
    });

    private static byte[] Rewrite(byte[] onnx, Action<GraphProto, NodeProto, TensorProto> rewriteConvolution)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(onnx);
        Dictionary<string, TensorProto> weights = model.Graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        NodeProto[] nodes = [.. model.Graph.Node];
        model.Graph.Node.Clear();
        foreach (NodeProto node in nodes)
        {
            if (node.OpType == "Conv")
            {
                rewriteConvolution(model.Graph, node, weights[node.Input[1]]);
            }
            else
            {
                model.Graph.Node.Add(node);
            }
        }

        return model.ToByteArray();
    }

    private static string Add(this GraphProto graph, string operation, string result, string[] inputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = result };
        node.Input.AddRange(inputs);
        node.Output.Add(result);
        node.Attribute.AddRange(attributes);
        graph.Node.Add(node);
        return result;
    }

    private static void Round(TensorProto weights)
    {
        float[] values = MemoryMarshal.Cast<byte, float>(weights.RawData.Span).ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            // Thirteen bits of the mantissa go; half of the last that stays is added before.
            values[i] = BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(values[i]) + 0x1000) & ~0x1FFF);
        }

        weights.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
    }
}
