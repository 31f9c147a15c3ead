using Google.Protobuf;
using Pipeline.Inference.Onnx;
using DataType = Pipeline.Inference.Onnx.TensorProto.Types.DataType;

namespace Pipeline.Inference;

/// <summary>
/// Makes a model in half precision of one in single precision: half the memory, and on a GPU with tensor cores several times
/// the speed. A CPU has no use for it.
/// </summary>
public static class HalfPrecisionConverter
{
    /// <summary>Writes NAME-fp16.onnx and NAME-fp16.json.</summary>
    /// <param name="manifest">The model, one that 'models import' or 'models build' wrote.</param>
    /// <param name="name">What to call the new one, not as the old; null for the old name with -fp16.</param>
    /// <param name="modelsFolder">Where to write; made if it is not there. Older files of the same name are replaced.</param>
    /// <exception cref="ModelException">The model cannot be converted, or the files could not be written.</exception>
    public static ModelReport Convert(ModelManifest manifest, string? name, string modelsFolder)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        manifest.CheckFile();
        string newName = ModelCatalog.CheckedName(name ?? $"{manifest.Name}-fp16", manifest, modelsFolder);
        ModelProto model = OnnxFile.Read(manifest.OnnxPath);
        string? problem = ProblemOf(model);
        if (problem is not null)
        {
            throw new ModelException($"{manifest.Name} cannot be converted. {problem}");
        }

        OnnxGraphBuilder onnx = HalfGraphWriter.Write(model.Graph, newName);
        string folder = Path.GetFullPath(modelsFolder);
        string path = Path.Combine(folder, $"{newName}.onnx");
        string hash = AtomicFile.Write(path, onnx.Build($"{manifest.Name} in half precision").WriteTo);
        ModelManifest converted = manifest with
        {
            Name = newName,
            Folder = folder,
            File = $"{newName}.onnx",
            Sha256 = hash,
            Description = $"{manifest.Description.TrimEnd('.')}, in half precision.",
            Origin = $"{manifest.Origin}; converted from {manifest.File} ({manifest.Sha256[..12]})",
            Input = manifest.Input with { Element = TensorElement.Float16 },
        };
        converted.Save();
        return new ModelReport(
            converted, onnx.NodeCount, onnx.ConvolutionCount, onnx.ParameterCount, new FileInfo(path).Length);
    }

    private static string? ProblemOf(ModelProto model)
    {
        if (!OwnModel.Is(model))
        {
            return "Only models that 'models import' or 'models build' wrote can be.";
        }

        if (model.Graph.Node.Any(node => node.OpType == "QuantizeLinear"))
        {
            return "It is in 8 bits; convert the model that it was made from.";
        }

        bool isSingle = model.Graph.Input.All(input => (DataType)input.Type.TensorType.ElemType == DataType.Float);
        return isSingle ? null : "Its input is not in single precision; it is converted already, or was built with --half.";
    }
}
