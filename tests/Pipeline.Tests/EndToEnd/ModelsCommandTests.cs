using System.Text.RegularExpressions;
using Google.Protobuf;
using Pipeline.Inference;
using Pipeline.Inference.Onnx;
using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>models import, build, quantize, list and inspect, through the built program, in a models folder of their own.</summary>
public sealed partial class ModelsCommandTests : IDisposable
{
    private const string Default = "ssdlite_mobilenet_v2_coco";

    private readonly TemporaryFolder _folder = new();

    public ModelsCommandTests() =>
        File.WriteAllText(_folder["settings.json"], $$"""{ "Model": { "Folder": "{{_folder["models"]}}" } }""");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Build_Ssd300InHalfPrecision_IsListedAndInspected()
    {
        await ModelsAsync(0, "build", "ssd300-vgg16", "--half", "--classes", "2");

        Assert.Contains("ssd300-vgg16-fp16", (await ModelsAsync(0, "list")).Output);
        string facts = (await ModelsAsync(0, "inspect", "ssd300-vgg16-fp16")).Output;
        Assert.Contains("data: float16 [batch, 3, 300, 300]", facts);
        Assert.Contains("mbox_conf: float [batch, 8732, 2]", facts);
    }

    [Fact]
    public async Task Quantize_DefaultModelOnTheSampleVideo_FindsNineTenthsAgain()
    {
        await ModelsAsync(0, "import", Repository.TensorFlowJsModel);

        CommandResult result = await ModelsAsync(0, "quantize", Default, "--calibrate", Repository.SampleVideo, "--pictures", "60");

        Match found = FoundAgain().Match(result.Output);
        Assert.True(found.Success, result.Output);
        double again = double.Parse(found.Groups["again"].Value), all = double.Parse(found.Groups["all"].Value);
        Assert.InRange(double.Parse(found.Groups["pictures"].Value), 15, 30);
        Assert.InRange(again / all, 0.9, 1);
        Assert.Contains($"{Default}-int8", (await ModelsAsync(0, "list")).Output);
    }

    [Theory]
    [InlineData(2, "build", "ssd301")]
    [InlineData(2, "build", "ssd300-vgg16", "--classes", "1")]
    [InlineData(4, "build", "ssd300-vgg16", "--weights", "/nowhere.safetensors")]
    [InlineData(4, "build", "ssd300-vgg16", "--name", "../escape")]
    [InlineData(4, "quantize", "absent", "--calibrate", "video.mp4")]
    [InlineData(2, "quantize", "absent", "--calibrate", "video.mp4", "--pictures", "1")]
    [InlineData(4, "inspect", "absent")]
    [InlineData(2, "convert", "absent")]
    public async Task Models_WrongArgument_ExitsWithItsCodeAndSaysWhy(int code, params string[] arguments)
    {
        CommandResult result = await ModelsAsync(code, arguments);
        Assert.StartsWith("ssd-pipeline: ", result.Error);
    }

    [Fact]
    public async Task Inspect_ManifestWithAnotherOutputThanTheGraph_SaysWhatDiffers()
    {
        Directory.CreateDirectory(_folder["models"]);
        File.CreateSymbolicLink(_folder[$"models/{Default}.onnx"], Repository.DefaultModel);
        string manifest = await File.ReadAllTextAsync(Path.ChangeExtension(Repository.DefaultModel, ".json"));
        await File.WriteAllTextAsync(_folder["models/typo.json"], manifest.Replace("box_encodings", "box_encodngs"));

        CommandResult result = await ModelsAsync(4, "inspect", "typo");

        Assert.Contains("has no output 'box_encodngs', which its manifest names; it has box_encodings, class_logits", result.Error);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("inspect", "odd")]
    public async Task Models_DescriptionWithATerminalsCommands_ShowsThemAsBlanks(params string[] arguments)
    {
        ModelManifest manifest = ModelManifest.Load(Path.ChangeExtension(Repository.DefaultModel, ".json"));
        Directory.CreateDirectory(_folder["models"]);
        File.CreateSymbolicLink(_folder["models/odd.onnx"], Repository.DefaultModel);
        (manifest with { Name = "odd", Folder = _folder["models"], File = "odd.onnx", Description = "An \e[31mSSD\nof mine" }).Save();

        CommandResult result = await ModelsAsync(0, arguments);

        Assert.Contains("An  [31mSSD of mine", result.Output);
        Assert.DoesNotContain('\e', result.Output);
    }

    /// <summary>inspect runs the batch that a graph allows; one of 0 or of 300 can't be run at all.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    public async Task Inspect_GraphWithABatchThatCanNotBeRun_IsABadModel(long batch)
    {
        ModelManifest manifest = ModelManifest.Load(Path.ChangeExtension(Repository.DefaultModel, ".json"));
        ModelProto model = OnnxFile.Read(manifest.OnnxPath);
        foreach (ValueInfoProto value in model.Graph.Input.Concat(model.Graph.Output))
        {
            value.Type.TensorType.Shape.Dim[0].DimValue = batch;
        }

        manifest = manifest with { Name = "fixed", Folder = _folder["models"], File = "fixed.onnx" };
        (manifest with { Sha256 = AtomicFile.Write(manifest.OnnxPath, model.WriteTo) }).Save();

        CommandResult result = await ModelsAsync(4, "inspect", "fixed");

        Assert.Contains("fixed.onnx", result.Error);
    }

    private async Task<CommandResult> ModelsAsync(int code, params IEnumerable<string> arguments)
    {
        CommandResult result = await PipelineProgram.RunAsync(["models", .. arguments, "--config", _folder["settings.json"]]);
        Assert.True(result.ExitCode == code, $"Exit code {result.ExitCode}, {code} expected.\n{result.Output}{result.Error}");
        return result;
    }

    [GeneratedRegex(@"on (?<pictures>\d+) other pictures: (?<again>\d+) of (?<all>\d+) detections", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FoundAgain();
}
