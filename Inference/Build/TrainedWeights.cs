using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Pipeline.Inference;

/// <summary>The frameworks whose names of tensors are known.</summary>
internal enum WeightNames
{
    /// <summary>amdegroot/ssd.pytorch: vgg, extras, loc, conf, L2Norm.</summary>
    SsdPyTorch,

    /// <summary>torchvision's ssd300_vgg16: backbone, head.</summary>
    Torchvision,
}

/// <summary>Trained weights of a safetensors file, found by the names that a framework gives its layers.</summary>
internal sealed class TrainedWeights : IWeightSource, IDisposable
{
    private readonly SafetensorsFile _file;
    private readonly FrozenDictionary<string, string> _names;

    private TrainedWeights(SafetensorsFile file, WeightNames framework, Vgg16SsdLayers layers)
    {
        _file = file;
        Framework = framework;
        Dictionary<string, string> names =
            framework == WeightNames.SsdPyTorch ? SsdPyTorchNames(layers) : TorchvisionNames(layers);
        _names = names.ToFrozenDictionary(StringComparer.Ordinal);
        string head = $"{_names["conf_0"]}.weight";
        ImmutableArray<long> shape = file.ShapeOf(head)
            ?? throw new ModelException($"The weights have no tensor '{head}'.");
        long columns = shape.IsEmpty ? 0 : shape[0] / layers.Sources[0].BoxesPerCell;
        Columns = columns is >= Vgg16SsdOptions.LeastColumns and <= Vgg16SsdOptions.MostColumns
            ? (int)columns
            : throw new ModelException(
                $"The weights' tensor '{head}' is [{string.Join(", ", shape)}], which makes {columns} columns.");
    }

    /// <summary>Where the weights were trained.</summary>
    public WeightNames Framework { get; }

    /// <summary>Columns of the score head, the background included.</summary>
    public int Columns { get; }

    private string NormName => Framework == WeightNames.SsdPyTorch ? "L2Norm.weight" : "backbone.scale_weight";

    /// <summary>Opens a file and recognises whose names it has.</summary>
    /// <exception cref="ModelException">It cannot be read, or the names are of neither framework.</exception>
    public static TrainedWeights Open(string path, Vgg16SsdLayers layers)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        try
        {
            WeightNames framework = file.ShapeOf("vgg.0.weight") is not null ? WeightNames.SsdPyTorch
                : file.ShapeOf("backbone.features.0.weight") is not null ? WeightNames.Torchvision
                : throw new ModelException(
                    $"{path} has neither 'vgg.0.weight' (ssd.pytorch) nor 'backbone.features.0.weight' (torchvision), "
                    + $"but {string.Join(", ", file.Names.Take(3))}, …");
            return framework == WeightNames.SsdPyTorch || layers == Vgg16SsdLayers.Ssd300
                ? new TrainedWeights(file, framework, layers)
                : throw new ModelException(
                    $"{path} has torchvision's names, and torchvision has no SSD512; build ssd300-vgg16.");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public float[] Kernel(string layer, int outputs, int inputs, int kernel) =>
        _file.Read($"{_names[layer]}.weight", outputs, inputs, kernel, kernel);

    /// <inheritdoc/>
    public float[] Bias(string layer, int outputs) => _file.Read($"{_names[layer]}.bias", outputs);

    /// <inheritdoc/>
    public float[] NormScale(int channels) => _file.Read(NormName, channels);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // vgg counts every module of the base, a ReLU after each convolution included; extras counts convolutions alone.
    private static Dictionary<string, string> SsdPyTorchNames(Vgg16SsdLayers layers)
    {
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        int module = 0;
        foreach (VggLayer layer in Vgg16SsdLayers.Base)
        {
            names[layer.Name] = $"vgg.{module}";
            module += layer.IsPool ? 1 : 2;
        }

        for (int i = 0; i < layers.Extras.Length; i++)
        {
            names[layers.Extras[i].Name] = $"extras.{i}";
        }

        AddHeads(names, layers, "loc", "conf");
        return names;
    }

    // features is VGG16 until conv4_3, extra.0 from pool4 to conv7 with the last four in a sequence of their own, and
    // each following extra two convolutions with their ReLUs.
    private static Dictionary<string, string> TorchvisionNames(Vgg16SsdLayers layers)
    {
        Dictionary<string, string> names = new(StringComparer.Ordinal)
        {
            ["conv5_1"] = "backbone.extra.0.1",
            ["conv5_2"] = "backbone.extra.0.3",
            ["conv5_3"] = "backbone.extra.0.5",
            ["conv6"] = "backbone.extra.0.7.1",
            ["conv7"] = "backbone.extra.0.7.3",
        };
        int module = 0;
        foreach (VggLayer layer in Vgg16SsdLayers.Base.TakeWhile(layer => layer.Name != "pool4"))
        {
            names[layer.Name] = $"backbone.features.{module}";
            module += layer.IsPool ? 1 : 2;
        }

        for (int i = 0; i < layers.Extras.Length; i++)
        {
            names[layers.Extras[i].Name] = $"backbone.extra.{(i / 2) + 1}.{i % 2 * 2}";
        }

        AddHeads(names, layers, "head.regression_head.module_list", "head.classification_head.module_list");
        return names;
    }

    private static void AddHeads(Dictionary<string, string> names, Vgg16SsdLayers layers, string boxes, string scores)
    {
        for (int i = 0; i < layers.Sources.Length; i++)
        {
            names[$"loc_{i}"] = $"{boxes}.{i}";
            names[$"conf_{i}"] = $"{scores}.{i}";
        }
    }
}
