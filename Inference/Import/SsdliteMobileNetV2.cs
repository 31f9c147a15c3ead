using Pipeline.PostProcess;

namespace Pipeline.Inference;

/// <summary>
/// What SSDLite MobileNetV2's graph does not tell, or tells only in the parts that are cut off: how pictures are
/// prepared and how the heads are to be read. Source: ssdlite_mobilenet_v2_coco.config of the TensorFlow Object
/// Detection API.
/// </summary>
internal static class SsdliteMobileNetV2
{
    /// <summary>Name of the model and of its files.</summary>
    public const string Name = "ssdlite_mobilenet_v2_coco";

    /// <summary>Side of the input in pixels.</summary>
    public const int Side = 300;

    /// <summary>Default boxes: 3 a cell on the 19×19 map, 6 on those of 10, 5, 3, 2 and 1.</summary>
    public const int Boxes = 1917;

    /// <summary>Columns of the score head: background, and COCO's ids 1 to 90.</summary>
    public const int Columns = 91;

    /// <summary>The image.</summary>
    public const string InputName = "image";

    /// <summary>[batch, 1917, 4], (ty, tx, th, tw).</summary>
    public const string BoxesOutput = "box_encodings";

    /// <summary>[batch, 1917, 91], logits.</summary>
    public const string ScoresOutput = "class_logits";

    /// <summary>The manifest of the converted model.</summary>
    /// <param name="folder">Where the ONNX file is.</param>
    /// <param name="sha256">Its hash.</param>
    /// <param name="origin">What it was converted from.</param>
    /// <param name="license">Licence of the weights.</param>
    public static ModelManifest Manifest(string folder, string sha256, string origin, string license) => new()
    {
        Name = Name,
        Folder = folder,
        Description = "SSDLite MobileNetV2, trained on COCO by the TensorFlow Object Detection API: 80 classes, 300×300.",
        File = $"{Name}.onnx",
        Sha256 = sha256,
        Origin = origin,
        License = license,
        Input = new InputSpec
        {
            Name = InputName,
            Width = Side,
            Height = Side,
            Layout = TensorLayout.Nchw,
            Element = TensorElement.Float32,
            ColorOrder = ColorOrder.Rgb,
            Mean = new ChannelValues(127.5f, 127.5f, 127.5f),
            Scale = new ChannelValues(2 / 255f, 2 / 255f, 2 / 255f),
            Resize = ResizeRule.TfLegacy,
        },
        Outputs =
        [
            new OutputSpec(BoxesOutput, OutputRole.Boxes, [Boxes, 4]),
            new OutputSpec(ScoresOutput, OutputRole.Scores, [Boxes, Columns]),
        ],
        Decoding = new RawHeads
        {
            DefaultBoxes = new TensorFlowDefaultBoxes
            {
                Strides = [16, 32, 64, 128, 256, 512],
                MinScale = 0.2,
                MaxScale = 0.95,
                AspectRatios = [1, 2, 0.5, 3, 0.3333],
                ReduceBoxesInLowestLayer = true,
            },
            BoxCode = new BoxCodeOptions { Order = CoordinateOrder.YX },
            Scores = new ScoreOptions { Function = ScoreFunction.Sigmoid },
            Selection = Selection,
        },
        Labels = LabelMap.Coco,
    };

    // TensorFlow's own selection (score > 1e-8, IoU > .6) is made for measuring precision. To look at, a person wants
    // the boxes that are probably right, once each.
    private static SelectionOptions Selection => SsdDecoderOptions.TensorFlow(Columns).Selection with
    {
        ScoreThreshold = 0.3f,
        IouThreshold = 0.5f,
    };
}
