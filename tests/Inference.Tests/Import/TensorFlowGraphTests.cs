namespace Pipeline.Inference.Tests.Import;

public sealed class TensorFlowGraphTests
{
    [Fact]
    public void Load_ShardCutShort_NamesTheWeightsAndTheFile()
    {
        using TensorFlowJsFolder folder = Folder();
        File.WriteAllBytes(folder.Shard, File.ReadAllBytes(folder.Shard)[..^1]);
        AssertRefused(folder, "Weights 'second' need bytes 12 to 20 of group1-shard1of1, which have 19 together");
    }

    [Fact]
    public void Load_ShardTooLong_SaysThatItBelongsToAnotherModel()
    {
        using TensorFlowJsFolder folder = Folder();
        File.AppendAllText(folder.Shard, "more");
        AssertRefused(folder, "take 20 bytes, but the files have 24");
    }

    [Fact]
    public void Load_ShardMissing_NamesIt()
    {
        using TensorFlowJsFolder folder = Folder();
        File.Delete(folder.Shard);
        AssertRefused(folder, "'group1-shard1of1' is missing");
    }

    [Theory]
    [InlineData("\"float32\"", "\"uint8\"", "Weights 'first' are uint8")]
    [InlineData("[3]", "[-3]", "Weights 'first' have a side of -3")]
    [InlineData("[3]", "[1000000000]", "Weights 'first' have a side of 1000000000")]
    [InlineData("[3]", "[32768, 32768, 32768, 32768, 4]", "Weights 'first' need bytes 0 to ")]
    [InlineData("\"name\":\"first\"", "\"name\":\"second\"", "is not a TensorFlow.js graph model: ")]
    [InlineData("group1-shard1of1", "../group1-shard1of1", "only files beside model.json")]
    [InlineData("\"modelTopology\"", "\"modelTopologie\"", "no modelTopology.node")]
    [InlineData("\"weightsManifest\"", "\"weights\"", "no weightsManifest")]
    [InlineData("\"op\"", "\"operation\"", "has no 'op'")]
    [InlineData("\"paths\"", "\"files\"", "is not a TensorFlow.js graph model")]
    [InlineData("{", "", "is not valid JSON")]
    public void Load_ModelJsonChanged_NamesFileAndFault(string text, string replacement, string message)
    {
        using TensorFlowJsFolder folder = Folder();
        string json = File.ReadAllText(folder.ModelJson);
        int at = json.IndexOf(text, StringComparison.Ordinal);
        File.WriteAllText(folder.ModelJson, json[..at] + replacement + json[(at + text.Length)..]);
        AssertRefused(folder, message);
    }

    [Fact]
    public void Weights_NotListed_NamesThem()
    {
        using TensorFlowJsFolder folder = Folder();
        TensorFlowGraph graph = TensorFlowGraph.Load(folder.ModelJson, CancellationToken.None);
        Assert.Equal([1, 2, 3], graph.Weights("first").Floats.ToArray());
        Assert.Contains("'third'", Assert.Throws<ModelException>(() => graph.Weights("third")).Message, StringComparison.Ordinal);
    }

    private static TensorFlowJsFolder Folder() =>
        new TensorFlowJsFolder().Constant("first", [3], 1, 2, 3).Constant("second", [2, 1], 4, 5).Write();

    private static void AssertRefused(TensorFlowJsFolder folder, string message)
    {
        ModelException exception = Assert.Throws<ModelException>(() => TensorFlowGraph.Load(folder.ModelJson, CancellationToken.None));
        Assert.StartsWith(folder.ModelJson, exception.Message, StringComparison.Ordinal);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }
}
