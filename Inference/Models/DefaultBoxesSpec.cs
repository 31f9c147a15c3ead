using System.Text.Json.Serialization;
using Pipeline.PostProcess;

namespace Pipeline.Inference;

/// <summary>
/// A model's default boxes in a manifest: the name of a generator, and its parameters in the terms of the framework it
/// comes from. The image's size is the input's.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "generator")]
[JsonDerivedType(typeof(CaffeDefaultBoxes), "caffe")]
[JsonDerivedType(typeof(TorchvisionDefaultBoxes), "torchvision")]
[JsonDerivedType(typeof(TensorFlowDefaultBoxes), "tensorflow")]
[JsonDerivedType(typeof(PaperDefaultBoxes), "paper")]
[JsonDerivedType(typeof(ListedDefaultBoxes), "layers")]
[JsonDerivedType(typeof(FileDefaultBoxes), "file")]
public abstract record DefaultBoxesSpec
{
    /// <summary>Where it stands in a manifest, for messages.</summary>
    internal const string Field = "decoding.defaultBoxes";

    /// <summary>Makes the boxes.</summary>
    /// <param name="input">The model's input.</param>
    /// <param name="folder">The manifest's folder.</param>
    /// <exception cref="ArgumentException">A parameter is out of its range; the exception names it.</exception>
    /// <exception cref="ModelException">Something else is wrong; the message names the field.</exception>
    internal abstract DefaultBoxes Create(InputSpec input, string folder);
}

/// <summary>Boxes that a formula makes, cell by cell.</summary>
public abstract record GeneratedDefaultBoxes : DefaultBoxesSpec
{
    // The largest published SSD has 24564; a mistyped step asks for billions.
    private const int MaximumCount = 1_000_000;

    /// <summary>
    /// Where in its cell a box has its centre, 0 to 1; absent for the generator's own rule, the middle.
    /// </summary>
    public double? Offset { get; init; }

    /// <summary>What is clipped to the image when the boxes are made; absent for the generator's own rule.</summary>
    public DefaultBoxClip? Clip { get; init; }

    /// <summary>Order of the boxes within a layer; absent for cell by cell.</summary>
    public DefaultBoxOrder? Order { get; init; }

    /// <inheritdoc/>
    internal override DefaultBoxes Create(InputSpec input, string folder)
    {
        DefaultBoxOptions options = Layout(input);

        // A step of 0 asks for more cells than a long can count.
        Int128 count = options.Layers.Aggregate(
            (Int128)0, (sum, layer) => sum + ((Int128)layer.Rows * layer.Columns * layer.Boxes.Count));
        if (count > MaximumCount)
        {
            throw new ModelException($"{Field} would make {count} boxes, more than {MaximumCount}; check the steps.");
        }

        return new DefaultBoxes(options with
        {
            Offset = Offset ?? options.Offset,
            Clip = Clip ?? options.Clip,
            Order = Order ?? options.Order,
        });
    }

    private protected abstract DefaultBoxOptions Layout(InputSpec input);
}

/// <summary>Caffe's PriorBox layers; see <see cref="DefaultBoxOptions.Caffe"/>.</summary>
public sealed record CaffeDefaultBoxes : GeneratedDefaultBoxes
{
    /// <summary>Pixels between cells, a layer each; a map has ⌈input/step⌉ cells a side.</summary>
    public required IReadOnlyList<double> Steps { get; init; }

    /// <summary>min_size in pixels, a layer each.</summary>
    public required IReadOnlyList<double> MinSizes { get; init; }

    /// <summary>max_size in pixels, a layer each.</summary>
    public required IReadOnlyList<double> MaxSizes { get; init; }

    /// <summary>Aspect ratios, a list for each layer, without 1 and without flips.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> AspectRatios { get; init; }

    /// <summary>Whether sizes lose their fraction, as in Caffe itself; OpenCV keeps it.</summary>
    public required bool TruncateSizes { get; init; }

    private protected override DefaultBoxOptions Layout(InputSpec input) => DefaultBoxOptions.Caffe(
        input.Width, input.Height, Steps, MinSizes, MaxSizes, AspectRatios, TruncateSizes);
}

/// <summary>torchvision's DefaultBoxGenerator; see <see cref="DefaultBoxOptions.Torchvision"/>.</summary>
public sealed record TorchvisionDefaultBoxes : GeneratedDefaultBoxes
{
    /// <summary>Pixels between cells, a layer each; a map has ⌈input/step⌉ cells a side.</summary>
    public required IReadOnlyList<double> Steps { get; init; }

    /// <summary>Sizes as shares of the sides: a layer each, and one more.</summary>
    public required IReadOnlyList<double> Scales { get; init; }

    /// <summary>Aspect ratios, a list for each layer, without 1 and without flips.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> AspectRatios { get; init; }

    private protected override DefaultBoxOptions Layout(InputSpec input) => DefaultBoxOptions.Torchvision(
        input.Width, input.Height, Steps, Scales, AspectRatios);
}

/// <summary>
/// The ssd_anchor_generator of TensorFlow's Object Detection API; see <see cref="DefaultBoxOptions.TensorFlow"/>.
/// </summary>
public sealed record TensorFlowDefaultBoxes : GeneratedDefaultBoxes
{
    /// <summary>Input pixels per cell, a layer each; a map has ⌈input/stride⌉ cells a side.</summary>
    public required IReadOnlyList<double> Strides { get; init; }

    /// <summary>Size on the first layer, as a share of the shorter side.</summary>
    public required double MinScale { get; init; }

    /// <summary>Size on the last layer.</summary>
    public required double MaxScale { get; init; }

    /// <summary>Aspect ratios of every layer, 1 and flips included.</summary>
    public required IReadOnlyList<double> AspectRatios { get; init; }

    /// <summary>Whether the first layer has only (0.1, 1), (s, 2) and (s, ½).</summary>
    public required bool ReduceBoxesInLowestLayer { get; init; }

    private protected override DefaultBoxOptions Layout(InputSpec input) => DefaultBoxOptions.TensorFlow(
        input.Width, input.Height, Strides, MinScale, MaxScale, AspectRatios, ReduceBoxesInLowestLayer);
}

/// <summary>The boxes as the SSD paper describes them; see <see cref="DefaultBoxOptions.Paper"/>.</summary>
public sealed record PaperDefaultBoxes : GeneratedDefaultBoxes
{
    /// <summary>Input pixels per cell, a layer each; a map has ⌈input/stride⌉ cells a side.</summary>
    public required IReadOnlyList<double> Strides { get; init; }

    /// <summary>s_min, a share of the side.</summary>
    public required double MinScale { get; init; }

    /// <summary>s_max.</summary>
    public required double MaxScale { get; init; }

    /// <summary>Aspect ratios, a list for each layer, without 1 and without flips.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> AspectRatios { get; init; }

    private protected override DefaultBoxOptions Layout(InputSpec input) => input.Width == input.Height
        ? DefaultBoxOptions.Paper(input.Width, Strides, AspectRatios, MinScale, MaxScale)
        : throw new ModelException($"{Field}.generator is paper, which is for square inputs; use layers.");
}

/// <summary>Boxes layer by layer, for a model of no known family; see <see cref="DefaultBoxOptions"/>.</summary>
public sealed record ListedDefaultBoxes : GeneratedDefaultBoxes
{
    /// <summary>What sizes are measured in.</summary>
    public required SizeUnit SizeUnit { get; init; }

    /// <summary>The feature maps, in the order of the heads' rows.</summary>
    public required IReadOnlyList<DefaultBoxLayer> Layers { get; init; }

    private protected override DefaultBoxOptions Layout(InputSpec input) =>
        new() { ImageWidth = input.Width, ImageHeight = input.Height, SizeUnit = SizeUnit, Layers = Layers };
}

/// <summary>Boxes of a file: little-endian float32, four a box and nothing else; shares of the image's sides.</summary>
public sealed record FileDefaultBoxes : DefaultBoxesSpec
{
    /// <summary>Name of the file, which lies beside the manifest.</summary>
    public required string File { get; init; }

    /// <summary>What the four numbers of a box are.</summary>
    public required DefaultBoxFileForm Form { get; init; }

    /// <summary>Which axis comes first.</summary>
    public required CoordinateOrder Coordinates { get; init; }

    internal override DefaultBoxes Create(InputSpec input, string folder) => Path.GetFileName(File) == File
        ? DefaultBoxes.Load(Path.Combine(folder, File), Form, Coordinates)
        : throw new ModelException($"{Field}.file is '{File}'; the name of a file beside the manifest is needed.");
}
