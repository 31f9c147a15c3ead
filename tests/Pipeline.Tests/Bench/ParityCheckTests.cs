using System.Text.Json;
using Pipeline.Host.Bench;
using Pipeline.PostProcess;

namespace Pipeline.Tests.Bench;

public sealed class ParityCheckTests
{
    private static readonly Detection Person = new(1, 0.9f, new Box(0.1f, 0.2f, 0.2f, 0.4f), DefaultBox: 0);

    private static PictureResult Cpu { get; } = new([1, -20], [-5, 0], [Person]);

    [Fact]
    public void Figures_Differences_AreSharesOfTheLargestMagnitudeOfTheirOutput()
    {
        var check = new ParityCheck(ParityBounds.Half, hasRandomWeights: false);

        check.Add(Cpu, Cpu with { Boxes = [1.5f, -20], Scores = [-5, 0.125f] }, isFirst: true);

        Assert.Equal(new ParityFigures(0.5, 0.125, 0.025, 0.025, 1, 0, true), check.Figures);
    }

    [Theory]
    [InlineData(21f)]
    [InlineData(float.NaN)]
    public void Figures_OneValueFarAway_IsBeyondTheBounds(float box)
    {
        var check = new ParityCheck(ParityBounds.Half, hasRandomWeights: true);

        check.Add(Cpu, Cpu, isFirst: true);
        check.Add(Cpu, Cpu with { Boxes = [1, box] }, isFirst: false);
        check.Add(Cpu, Cpu, isFirst: false);

        Assert.False(check.Figures.IsWithinBounds);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Figures_OtherDetections_CountForTrainedNetworksAlone(bool hasRandomWeights)
    {
        var check = new ParityCheck(ParityBounds.Half, hasRandomWeights);

        check.Add(Cpu, Cpu with { Detections = [] }, isFirst: true);

        Assert.Equal(hasRandomWeights ? null : 0, check.Figures.SameDetections);
        Assert.Equal(hasRandomWeights, check.Figures.IsWithinBounds);
    }

    [Fact]
    public void Figures_OutputsOfZeros_AreTheSame()
    {
        var check = new ParityCheck(ParityBounds.Single, hasRandomWeights: false);
        PictureResult zeros = new([0], [0], []);

        check.Add(zeros, zeros, isFirst: true);

        Assert.True(check.Figures.IsWithinBounds);
    }

    /// <summary>Half precision overflows: the report has to say so, and keep what was measured before.</summary>
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void ToJson_OutputsThatAreNoNumbers_SaysSo(float value)
    {
        var check = new ParityCheck(ParityBounds.Half, hasRandomWeights: true);
        check.Add(Cpu, Cpu with { Scores = [-5, value] }, isFirst: true);
        var figures = new SetupFigures("fp16", 8, "cuda", null, null, null, check.Figures);

        byte[] json = new DeviceReport("a processor", "a GPU", "a model", 1, [figures]).ToJson();

        using JsonDocument report = JsonDocument.Parse(json);
        JsonElement parity = report.RootElement.GetProperty("setups")[0].GetProperty("parity");
        Assert.Equal(float.IsNaN(value) ? "NaN" : "Infinity", parity.GetProperty("scoreShare").GetString());
        Assert.False(parity.GetProperty("isWithinBounds").GetBoolean());
    }
}
