using Pipeline.PostProcess;

namespace Pipeline.Inference;

/// <summary>
/// Manifests of the paper's networks. The framework that the weights come from decides how pictures are prepared, how
/// default boxes are made and what is selected; random weights are treated as Caffe's.
/// </summary>
internal static class Vgg16SsdManifest
{
    private static readonly double[][] Ratios300 = [[2], [2, 3], [2, 3], [2, 3], [2], [2]];
    private static readonly double[][] Ratios512 = [[2], [2, 3], [2, 3], [2, 3], [2, 3], [2], [2]];
    private static readonly double[] Steps300 = [8, 16, 32, 64, 100, 300];
    private static readonly double[] Steps512 = [8, 16, 32, 64, 128, 256, 512];

    /// <summary>Makes the manifest; its name, file and hash are still to be filled in.</summary>
    /// <param name="options">What was built.</param>
    /// <param name="columns">Columns of the score head, the background included.</param>
    /// <param name="framework">Where the weights were trained; null for random ones.</param>
    public static ModelManifest Make(Vgg16SsdOptions options, int columns, WeightNames? framework)
    {
        bool is300 = options.Variant == Vgg16SsdVariant.Ssd300;
        SsdDecoderOptions decoding = framework switch
        {
            WeightNames.SsdPyTorch => SsdDecoderOptions.SsdPyTorch(columns),
            WeightNames.Torchvision => SsdDecoderOptions.TorchvisionSsd300(columns),
            _ => SsdDecoderOptions.Caffe(columns),
        };
        int boxes = is300 ? 8732 : 24564;
        string state = framework is null ? "with random weights" : "trained";
        return new ModelManifest
        {
            Description = $"{options.Variant.ToString().ToUpperInvariant()} on VGG16, the network of the SSD paper, "
                + $"{state}: {columns} columns.",
            File = "",
            Sha256 = "",
            Origin = framework is null
                ? $"models build, seed {options.Seed}"
                : $"models build, weights of {Path.GetFileName(options.WeightsFile)} ({framework})",
            License = framework is null ? "Apache-2.0" : "unknown",
            Input = Input(is300 ? 300 : 512, options.HalfPrecision, framework),
            Outputs =
            [
                new OutputSpec(Vgg16SsdGraph.BoxesOutput, OutputRole.Boxes, [boxes, 4]),
                new OutputSpec(Vgg16SsdGraph.ScoresOutput, OutputRole.Scores, [boxes, columns]),
            ],
            Decoding = new RawHeads
            {
                DefaultBoxes = Boxes(is300, isVoc: columns == 21, framework),
                BoxCode = decoding.BoxCode,
                Scores = decoding.Scores,

                // The paper's threshold for looking at detections; measuring precision takes .01.
                Selection = decoding.Selection with { ScoreThreshold = 0.5f },
            },
            Labels = columns switch
            {
                21 => LabelMap.Voc,
                81 => LabelMap.CocoWithoutGaps,
                91 => LabelMap.Coco,
                _ => LabelMap.FromList(1, Enumerable.Range(1, columns - 1).Select(id => $"class {id}")),
            },
        };
    }

    // Every one of the three subtracts the same means; PyTorch's two feed red first.
    private static InputSpec Input(int side, bool halfPrecision, WeightNames? framework) => new()
    {
        Name = Vgg16SsdGraph.InputName,
        Width = side,
        Height = side,
        Layout = TensorLayout.Nchw,
        Element = halfPrecision ? TensorElement.Float16 : TensorElement.Float32,
        ColorOrder = framework is null ? ColorOrder.Bgr : ColorOrder.Rgb,
        Mean = framework switch
        {
            WeightNames.SsdPyTorch => new ChannelValues(123, 117, 104),
            WeightNames.Torchvision => new ChannelValues(0.48235f * 255, 0.45882f * 255, 0.40784f * 255),
            _ => new ChannelValues(104, 117, 123),
        },
        Scale = new ChannelValues(1, 1, 1),
        Resize = framework == WeightNames.Torchvision ? ResizeRule.HalfPixel : ResizeRule.OpenCvLinear,
    };

    private static DefaultBoxesSpec Boxes(bool is300, bool isVoc, WeightNames? framework) => framework switch
    {
        WeightNames.Torchvision => TorchvisionBoxes,
        WeightNames.SsdPyTorch => CaffeBoxes(is300, isVoc) with { Clip = DefaultBoxClip.CentreForm },
        _ => CaffeBoxes(is300, isVoc),
    };

    private static TorchvisionDefaultBoxes TorchvisionBoxes => new()
    {
        Steps = Steps300,
        Scales = [0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05],
        AspectRatios = Ratios300,
    };

    // Sizes of weiliu89/caffe, examples/ssd: objects in COCO are smaller, so are its boxes.
    private static CaffeDefaultBoxes CaffeBoxes(bool is300, bool isVoc)
    {
        double[] sizes = (is300, isVoc) switch
        {
            (true, true) => [30, 60, 111, 162, 213, 264, 315],
            (true, false) => [21, 45, 99, 153, 207, 261, 315],
            (false, true) => [35.84, 76.8, 153.6, 230.4, 307.2, 384, 460.8, 537.6],
            (false, false) => [20.48, 51.2, 133.12, 215.04, 296.96, 378.88, 460.8, 542.72],
        };
        return new CaffeDefaultBoxes
        {
            Steps = is300 ? Steps300 : Steps512,
            MinSizes = sizes[..^1],
            MaxSizes = sizes[1..],
            AspectRatios = is300 ? Ratios300 : Ratios512,
            TruncateSizes = true,
        };
    }
}
