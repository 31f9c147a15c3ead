using Google.Protobuf;
using Pipeline.Inference.Onnx;
using Pipeline.Testing;

namespace Pipeline.Inference.Tests.Models;

public sealed class ModelCatalogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Find_NameOrPath_GivesTheManifest()
    {
        Add("ssd300");
        Assert.Equal("ssd300", ModelCatalog.Find("ssd300", _folder.Path).Name);
        Assert.Equal("ssd300", ModelCatalog.Find(_folder["ssd300.json"], "/nowhere").Name);
        Assert.Equal("ssd300", ModelCatalog.Find(_folder["ssd300.onnx"], "/nowhere").Name);
    }

    [Theory]
    [InlineData("ssd300.v2")]
    [InlineData("ssd300.pt")]
    public void Find_PathWithADotAndAnotherEnding_NeverTakesAnotherModel(string file)
    {
        Add("ssd300");
        AssertFault($"{file}.json does not exist", () => ModelCatalog.Find(_folder[file], "/nowhere"));
        Add(file);
        Assert.Equal(file, ModelCatalog.Find(_folder[file], "/nowhere").Name);
    }

    [Fact]
    public void Find_NearName_SuggestsIt()
    {
        Add("ssd300");
        Add("ssdlite_mobilenet_v2_coco");
        AssertFault(
            $"There is no model 'ssd30' in {_folder.Path}. There are: ssd300, ssdlite_mobilenet_v2_coco. Did you mean 'ssd300'?",
            () => ModelCatalog.Find("ssd30", _folder.Path));
    }

    [Fact]
    public void Find_EmptyFolder_SaysHowToMakeTheDefaultModel() =>
        AssertFault("make the default one with 'models import'", () => ModelCatalog.Find("ssd300", _folder["nowhere"]));

    [Fact]
    public void Find_OnnxWithoutManifest_SaysHowToMakeOne()
    {
        File.WriteAllText(_folder["own.onnx"], "");
        AssertFault("own.json does not exist. A model needs a manifest", () => ModelCatalog.Find("own", _folder.Path));
    }

    [Fact]
    public void List_SoundAndFaultyModels_SaysWhatIsWrongWithEach()
    {
        Add("b");
        Add("a");
        File.Delete(_folder["b.onnx"]);
        File.WriteAllText(_folder["c.json"], "{");
        File.WriteAllText(_folder["d.onnx"], "");
        File.WriteAllText(_folder["README.md"], "");

        IReadOnlyList<ModelListing> models = ModelCatalog.List(_folder.Path);

        Assert.Equal(["a", "b", "c", "d"], models.Select(model => model.Name));
        Assert.Null(models[0].Problem);
        Assert.Contains("b.onnx is missing", models[1].Problem, StringComparison.Ordinal);
        Assert.Contains("not valid JSON", models[2].Problem, StringComparison.Ordinal);
        Assert.Contains("d.json does not exist", models[3].Problem, StringComparison.Ordinal);
        Assert.Equal([true, true, false, false], models.Select(model => model.Manifest is not null));
    }

    [Fact]
    public void List_NoFolder_IsEmpty() => Assert.Empty(ModelCatalog.List(_folder["nowhere"]));

    [Theory]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("../escape")]
    [InlineData("two words")]
    public void CheckedName_NoFileName_IsRefused(string name) =>
        AssertFault($"'{name}' is no name for a model", () => ModelCatalog.CheckedName(name));

    [Theory]
    [InlineData("")]
    [InlineData("this is no model at all")]
    public void Describe_FileThatIsNoModel_SaysSo(string contents)
    {
        ModelManifest manifest = ModelManifestTests.Default() with { Folder = _folder.Path, Name = "bad" };
        string hash = AtomicFile.Write(manifest.OnnxPath, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(contents)));
        AssertFault("is no ONNX model", () => ModelDescription.Read(manifest with { Sha256 = hash }));
    }

    [Theory]
    [InlineData(long.MaxValue, 1)]
    [InlineData(-1, 1)]
    [InlineData(1L << 32, 1L << 32)]
    public void Describe_WeightsOfAShapeThatNoFileHolds_NamesThem(long side, long other)
    {
        ModelProto model = SmallDetector.Create();
        foreach (TensorProto tensor in model.Graph.Initializer.Where(tensor => tensor.Dims.Count > 1))
        {
            tensor.Dims.Clear();
            tensor.Dims.Add([side, other]);
        }

        ModelManifest manifest = ModelManifestTests.Default() with { Folder = _folder.Path };
        string hash = AtomicFile.Write(manifest.OnnxPath, model.WriteTo);
        AssertFault(
            $"the weights 'stem/w' have the shape [{side}, {other}]", () => ModelDescription.Read(manifest with { Sha256 = hash }));
    }

    private void Add(string name)
    {
        File.WriteAllText(_folder[$"{name}.json"], (ModelManifestTests.Default() with { File = $"{name}.onnx" }).ToJson());
        File.WriteAllText(_folder[$"{name}.onnx"], "");
    }

    private static void AssertFault(string message, Action action) =>
        Assert.Contains(message, Assert.Throws<ModelException>(action).Message, StringComparison.Ordinal);
}
