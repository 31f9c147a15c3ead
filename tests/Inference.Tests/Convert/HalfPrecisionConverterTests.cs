using Google.Protobuf;
using OpenCvSharp;
using Pipeline.Inference.Onnx;
using Pipeline.Inference.Tests.Models;
using Pipeline.PostProcess;
using Pipeline.Testing;

namespace Pipeline.Inference.Tests.Convert;

/// <summary>Models in half precision against those that they were made from; the CPU computes them in single precision.</summary>
public sealed class HalfPrecisionConverterTests : IDisposable
{
    private static readonly ModelSessionOptions Cpu = new() { Provider = ExecutionProvider.Cpu };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Convert_DefaultModel_FindsTheSameOnTheReferenceFrame()
    {
        ModelManifest single = ModelManifest.Load(Path.ChangeExtension(Repository.DefaultModel, ".json"));

        ModelReport report = HalfPrecisionConverter.Convert(single, name: null, _folder.Path);

        ModelManifest half = ModelCatalog.Find("ssdlite_mobilenet_v2_coco-fp16", _folder.Path);
        Assert.Equal(TensorElement.Float16, half.Input.Element);
        Assert.InRange(report.Bytes, 8_900_000, 9_200_000);
        Assert.Equal(88, report.Convolutions);
        using Mat frame = ReferenceFrame();
        Detection[] expected = Detect(single, frame);
        Detection[] found = Detect(half, frame);
        Assert.InRange(expected.Length, 4, 20);
        Assert.Equal(expected.Length, found.Length);

        // The stated bounds: a score within .01, a side within a five-hundredth of the picture's.
        foreach ((Detection one, Detection other) in expected.Zip(found))
        {
            Assert.Equal(one.ClassId, other.ClassId);
            Assert.Equal(one.Score, other.Score, 0.01f);
            Assert.Equal(one.Box.X1, other.Box.X1, 0.002f);
            Assert.Equal(one.Box.Y1, other.Box.Y1, 0.002f);
            Assert.Equal(one.Box.X2, other.Box.X2, 0.002f);
            Assert.Equal(one.Box.Y2, other.Box.Y2, 0.002f);
        }
    }

    [Fact]
    public void Convert_Vgg16_ComputesWhatTheBuiltOneComputesAndKeepsTheNormSingle()
    {
        ModelManifest single = Build(half: false);
        ModelManifest built = Build(half: true);

        ModelReport report = HalfPrecisionConverter.Convert(single, "converted", _folder.Path);

        GraphProto graph = OnnxFile.Read(report.Manifest.OnnxPath).Graph;
        Assert.Equal(
            OnnxFile.Read(built.OnnxPath).Graph.Node.GroupBy(node => node.OpType).Select(group => (group.Key, group.Count())).Order(),
            graph.Node.GroupBy(node => node.OpType).Select(group => (group.Key, group.Count())).Order());
        NodeProto sum = graph.Node.Single(node => node.OpType == "ReduceSum");
        NodeProto squares = graph.Node.Single(node => node.Output[0] == sum.Input[0]);
        Assert.EndsWith("/single", squares.Input[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Convert_Twice_IsRefused()
    {
        ModelManifest single = ModelManifest.Load(Path.ChangeExtension(Repository.DefaultModel, ".json"));
        ModelManifest half = HalfPrecisionConverter.Convert(single, "half", _folder.Path).Manifest;

        var exception = Assert.Throws<ModelException>(() => HalfPrecisionConverter.Convert(half, name: null, _folder.Path));

        Assert.StartsWith("half cannot be converted. Its input is not in single precision", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("small", "small.onnx")]
    [InlineData("small", "weights.onnx")]
    [InlineData("weights", "weights.onnx")]
    public void Convert_IntoTheModelItself_IsRefusedAndLeavesItAsItIs(string name, string file)
    {
        string hash = AtomicFile.Write(_folder[file], SmallDetector.Create().WriteTo);
        ModelManifest small = ModelManifestTests.Default() with { Name = "small", Folder = _folder.Path, File = file, Sha256 = hash };
        small.Save();

        var exception = Assert.Throws<ModelException>(() => HalfPrecisionConverter.Convert(small, name, $"{_folder.Path}/"));

        Assert.Contains($"'{name}' would replace the model that it is made of", exception.Message, StringComparison.Ordinal);
        ModelManifest.Load(_folder["small.json"]).CheckFile();
    }

    [Fact]
    public void Write_WeightBeyondHalfPrecision_IsRefused()
    {
        var graph = new OnnxGraphBuilder("large");
        string image = graph.Input("image", TensorProto.Types.DataType.Float, OnnxGraphBuilder.Batch, 1, 1, 1);
        string weights = graph.Weights("weights", new[] { 70_000f }, 1, 1, 1, 1);
        string bias = graph.Weights("bias", new[] { 0f }, 1);
        string result = graph.Convolution("convolved", image, weights, bias, ConvolutionWindow.Square(1));
        graph.Output(result, TensorProto.Types.DataType.Float, OnnxGraphBuilder.Batch, 1, 1, 1);

        var exception = Assert.Throws<ModelException>(() => HalfGraphWriter.Write(graph.Build("").Graph, "half"));

        Assert.Contains("'weights' hold 70000", exception.Message, StringComparison.Ordinal);
    }

    private static Mat ReferenceFrame()
    {
        using var video = new VideoCapture(Repository.SampleVideo);
        var frame = new Mat();
        for (int i = 0; i <= ReferenceData.HeadsFrame; i++)
        {
            Assert.True(video.Grab());
        }

        Assert.True(video.Retrieve(frame));
        return frame;
    }

    private static Detection[] Detect(ModelManifest manifest, Mat frame)
    {
        using OnnxModelSession session = OnnxModelSession.Open(manifest.OnnxPath, manifest.Signature, Cpu);
        using BatchSlot slot = session.CreateSlot();
        var view = new ImageView(frame.Data, frame.Width, frame.Height, (int)frame.Step());
        new Preprocessor(manifest.Input).Run(view, slot.Input(0));
        slot.ImageCount = 1;
        session.Run(slot);
        IDetectionDecoder decoder = manifest.CreateDecoder();
        var detections = new Detection[decoder.MaxDetections];
        return detections[..decoder.Decode(slot.Outputs(0), detections).Count];
    }

    private ModelManifest Build(bool half) => Vgg16SsdBuilder.Build(
        new Vgg16SsdOptions { Variant = Vgg16SsdVariant.Ssd300, HalfPrecision = half, Columns = 2 },
        _folder.Path,
        CancellationToken.None).Manifest;
}
