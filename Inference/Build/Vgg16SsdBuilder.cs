using Google.Protobuf;
using Pipeline.Inference.Onnx;

namespace Pipeline.Inference;

/// <summary>
/// Writes the networks of the SSD paper, SSD300 and SSD512 on VGG16, as ONNX models with their manifests: with random
/// weights to measure speed, or with trained ones from a safetensors file.
/// </summary>
public static class Vgg16SsdBuilder
{
    // VOC's 20 classes and the background.
    private const int VocColumns = 21;

    /// <summary>
    /// Writes NAME.onnx and NAME.json; the same options give the same bytes. Takes some 300 MB of memory for a while.
    /// </summary>
    /// <param name="options">Which network, and with which weights.</param>
    /// <param name="modelsFolder">
    /// Where to write; made if it is not there. Older files of the same name are replaced.
    /// </param>
    /// <param name="cancellationToken">Ends the writing; nothing half-written stays.</param>
    /// <exception cref="ModelException">The weights cannot be used, or the files could not be written.</exception>
    public static ModelReport Build(Vgg16SsdOptions options, string modelsFolder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        Vgg16SsdLayers layers = Vgg16SsdLayers.Of(options.Variant);
        using TrainedWeights? trained =
            options.WeightsFile is string file ? TrainedWeights.Open(file, layers) : null;
        int columns = options.Columns ?? trained?.Columns ?? VocColumns;
        string network = Vgg16SsdNetworks.NameOf(options.Variant);
        string name = ModelCatalog.CheckedName(options.Name ?? (options.HalfPrecision ? $"{network}-fp16" : network));
        OnnxGraphBuilder onnx = Vgg16SsdGraph.Write(
            layers,
            columns,
            trained ?? (IWeightSource)new HeInitialiser(options.Seed, Vgg16SsdLayers.Base[0].Name),
            options.HalfPrecision,
            name,
            cancellationToken);

        string folder = Path.GetFullPath(modelsFolder);
        string path = Path.Combine(folder, $"{name}.onnx");
        string hash = AtomicFile.Write(path, onnx.Build($"{options.Variant} on VGG16").WriteTo);
        ModelManifest manifest = Vgg16SsdManifest.Make(options, columns, trained?.Framework) with
        {
            Name = name,
            Folder = folder,
            File = $"{name}.onnx",
            Sha256 = hash,
        };
        manifest.Save();
        return new ModelReport(
            manifest, onnx.NodeCount, onnx.ConvolutionCount, onnx.ParameterCount, new FileInfo(path).Length);
    }
}
