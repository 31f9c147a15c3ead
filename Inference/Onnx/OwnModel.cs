using DataType = Pipeline.Inference.Onnx.TensorProto.Types.DataType;

namespace Pipeline.Inference.Onnx;

/// <summary>Models that <see cref="OnnxGraphBuilder"/> made, which are taken apart to write them in another precision.</summary>
internal static class OwnModel
{
    /// <summary>
    /// Whether a model is one: it says so, and it is built so. Any file can claim it, and whoever follows a graph relies on
    /// nodes with one output each that take only what stands before them, and on constants with all their bytes.
    /// </summary>
    public static bool Is(ModelProto model)
    {
        HashSet<string> known = new(StringComparer.Ordinal);
        return model.ProducerName == OnnxGraphBuilder.Producer
            && model.Graph.Initializer.All(tensor => IsWhole(tensor) && known.Add(tensor.Name))
            && model.Graph.Input.All(input => HasShape(input) && known.Add(input.Name))
            && model.Graph.Node.All(node => node.Input.Count >= (node.OpType == "Conv" ? 3 : 1)
                && node.Input.All(known.Contains)
                && node.Output.Count == 1
                && known.Add(node.Output[0]))
            && model.Graph.Output.All(output => HasShape(output) && known.Contains(output.Name));
    }

    private static bool HasShape(ValueInfoProto value) => value.Type?.TensorType?.Shape is not null;

    private static bool IsWhole(TensorProto tensor)
    {
        // No tensor in a file has so many bytes; more of them would not fit into a long at some time.
        const long TooMany = 1L << 32;
        return OnnxTypes.IsKnown((DataType)tensor.DataType)
            && tensor.Dims.All(side => side is >= 0 and <= int.MaxValue)
            && tensor.Dims.Aggregate(
                (long)OnnxTypes.Size((DataType)tensor.DataType), (bytes, side) => Math.Min(bytes * side, TooMany))
                == tensor.RawData.Length;
    }
}
