using Google.Protobuf;
using Pipeline.Inference.Onnx;

namespace Pipeline.Inference;

/// <summary>How a model is quantised.</summary>
public sealed record QuantizationOptions
{
    /// <summary>Name of the new model and of its files, not the old one; absent for that with -int8.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// Share of a tensor's values that its 8-bit range holds; the rest is cut off at both ends, so that a few extremes
    /// do not make the steps coarse for all. Above 0.5, at most 1. Default: 0.9999, which kept the most detections in
    /// measurements.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public double Share
    {
        get;
        init => field = value is > 0.5 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The share of values held is above 0.5 and at most 1.");
    } = 0.9999;
}

/// <summary>
/// Makes an 8-bit model of one in single precision: static quantisation with activations calibrated on pictures, as
/// QuantizeLinear and DequantizeLinear pairs of standard ONNX.
/// </summary>
public static class ModelQuantizer
{
    /// <summary>Writes NAME-int8.onnx and NAME-int8.json.</summary>
    /// <param name="manifest">The model to quantise, one that 'models import' or 'models build' wrote.</param>
    /// <param name="images">
    /// Pictures like those that the model will see, prepared by <see cref="Preprocessor"/> for its input; some dozens
    /// are enough. Each is used before the next is asked for, so one buffer can serve all.
    /// </param>
    /// <param name="options">How.</param>
    /// <param name="modelsFolder">
    /// Where to write; made if it is not there. Older files of the same name are replaced.
    /// </param>
    /// <param name="cancellationToken">Ends the calibration between two pictures; nothing half-written stays.</param>
    /// <exception cref="ModelException">
    /// The model cannot be quantised, there is no picture, or the files could not be written.
    /// </exception>
    public static ModelReport Quantize(
        ModelManifest manifest,
        IEnumerable<ReadOnlyMemory<byte>> images,
        QuantizationOptions options,
        string modelsFolder,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        manifest.CheckFile();
        string name = ModelCatalog.CheckedName(options.Name ?? $"{manifest.Name}-int8", manifest, modelsFolder);
        ModelProto model = OnnxFile.Read(manifest.OnnxPath);
        QuantizableGraph graph;
        OnnxGraphBuilder onnx;
        int count;
        try
        {
            graph = new QuantizableGraph(model);
            (Dictionary<string, ActivationStatistics> statistics, count) =
                Calibration.Run(model, manifest.Input, graph.Watched, images, cancellationToken);
            onnx = QuantizedGraphWriter.Write(graph, statistics, options.Share, name);
        }
        catch (ModelException exception)
        {
            throw new ModelException($"{manifest.Name} cannot be quantised. {exception.Message}", exception);
        }

        string folder = Path.GetFullPath(modelsFolder);
        string path = Path.Combine(folder, $"{name}.onnx");
        string hash = AtomicFile.Write(path, onnx.Build($"{manifest.Name} in 8 bits").WriteTo);
        ModelManifest quantized = manifest with
        {
            Name = name,
            Folder = folder,
            File = $"{name}.onnx",
            Sha256 = hash,
            Description = $"{manifest.Description.TrimEnd('.')}, in 8 bits.",
            Origin = $"{manifest.Origin}; quantised on {count} pictures from {manifest.File} ({manifest.Sha256[..12]})",
        };
        quantized.Save();
        return new ModelReport(
            quantized, onnx.NodeCount, onnx.ConvolutionCount, graph.ParameterCount, new FileInfo(path).Length);
    }
}
