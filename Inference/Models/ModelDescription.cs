using System.Collections.Immutable;
using Pipeline.Inference.Onnx;
using DataType = Pipeline.Inference.Onnx.TensorProto.Types.DataType;

namespace Pipeline.Inference;

/// <summary>What is in a model's ONNX file, read without running it.</summary>
/// <param name="Inputs">The graph's inputs.</param>
/// <param name="Outputs">The graph's outputs.</param>
/// <param name="Operators">How often each operator occurs, by its name.</param>
/// <param name="Parameters">Numbers in its weights.</param>
/// <param name="OperatorSet">Version of ONNX's operators that it is written against.</param>
/// <param name="Bytes">Size of the file.</param>
public sealed record ModelDescription(
    ImmutableArray<TensorDescription> Inputs,
    ImmutableArray<TensorDescription> Outputs,
    ImmutableSortedDictionary<string, int> Operators,
    long Parameters,
    long OperatorSet,
    long Bytes)
{
    /// <summary>Reads a model's ONNX file, after checking its hash.</summary>
    /// <param name="manifest">The model's manifest.</param>
    /// <exception cref="ModelException">The file is missing, another one, or no ONNX model.</exception>
    public static ModelDescription Read(ModelManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        manifest.CheckFile();
        ModelProto model = OnnxFile.Read(manifest.OnnxPath);
        HashSet<string> weights = [.. model.Graph.Initializer.Select(tensor => tensor.Name)];
        return new ModelDescription(
            [.. model.Graph.Input.Where(input => !weights.Contains(input.Name)).Select(Describe)],
            [.. model.Graph.Output.Select(Describe)],
            model.Graph.Node.GroupBy(node => node.OpType, StringComparer.Ordinal)
                .ToImmutableSortedDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal),
            model.Graph.Initializer.Where(IsWeight).Sum(tensor => Elements(tensor, manifest.OnnxPath)),
            model.OpsetImport.Where(set => set.Domain is "" or "ai.onnx").Select(set => set.Version).FirstOrDefault(),
            new FileInfo(manifest.OnnxPath).Length);
    }

    // Shapes, axes and bounds are constants too, but nobody trained them.
    private static bool IsWeight(TensorProto tensor) =>
        tensor.Dims.Count > 0 && (DataType)tensor.DataType is DataType.Float or DataType.Float16 or DataType.Int8;

    // As many as a file can hold: a hostile one says anything.
    private static long Elements(TensorProto tensor, string path)
    {
        long elements = 1;
        foreach (long side in tensor.Dims)
        {
            elements = side is >= 0 and <= int.MaxValue ? elements * side : long.MaxValue;
            if (elements > int.MaxValue)
            {
                throw new ModelException(
                    $"{path} is no ONNX model: the weights '{tensor.Name}' have the shape [{string.Join(", ", tensor.Dims)}].");
            }
        }

        return elements;
    }

    private static TensorDescription Describe(ValueInfoProto value) => new(
        value.Name,
        ((DataType)(value.Type?.TensorType?.ElemType ?? 0)).ToString().ToLowerInvariant(),
        [
            .. (value.Type?.TensorType?.Shape?.Dim ?? [])
                .Select(side => side.HasDimValue ? side.DimValue.ToString() : side.DimParam),
        ]);
}

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ElementType">Type of its elements, such as "float".</param>
/// <param name="Shape">Its dimensions: numbers, or the names of those that a run decides, such as "batch".</param>
public sealed record TensorDescription(string Name, string ElementType, ImmutableArray<string> Shape)
{
    /// <summary>"image: float [batch, 3, 300, 300]".</summary>
    public override string ToString() => $"{Name}: {ElementType} [{string.Join(", ", Shape)}]";
}
