using Pipeline.Host.Bench;
using Pipeline.PostProcess;

namespace Pipeline.Tests.Bench;

public sealed class ParityBoundsTests
{
    private static readonly Detection Person = Make(1, 0.9f, 0.1f);
    private static readonly Detection Dog = Make(18, 0.6f, 0.5f);
    private static readonly Detection Shadow = Make(1, 0.3f, 0.7f);

    [Fact]
    public void Agree_TheSameLists_InEveryPrecision() => Assert.All(
        [ParityBounds.Single, ParityBounds.TensorFloat32, ParityBounds.Half],
        bounds => Assert.True(bounds.Agree([Person, Dog, Shadow], [Person, Dog, Shadow])));

    [Fact]
    public void Agree_AnotherScore_OnlyInLowerPrecision()
    {
        Detection surer = Person with { Score = 0.93f };
        Assert.False(ParityBounds.Single.Agree([Person, Dog], [surer, Dog]));
        Assert.True(ParityBounds.Half.Agree([Person, Dog], [surer, Dog]));
    }

    [Fact]
    public void Agree_NearlyTheSameScores_MayChangePlaces() => Assert.True(ParityBounds.Single.Agree(
        [Person, Dog with { Score = 0.8999f }], [Dog with { Score = 0.9001f }, Person]));

    [Fact]
    public void Agree_AWeakOneMissing_OnlyInLowerPrecision()
    {
        Assert.False(ParityBounds.Single.Agree([Person, Shadow], [Person]));
        Assert.True(ParityBounds.Half.Agree([Person, Shadow], [Person]));
    }

    [Fact]
    public void Agree_AStrongOneMissingOrInventedOrElsewhere_InNone()
    {
        Detection elsewhere = Make(18, 0.6f, 0.53f);
        Assert.All([ParityBounds.Single, ParityBounds.TensorFloat32, ParityBounds.Half], bounds =>
        {
            Assert.False(bounds.Agree([Person, Dog], [Person]));
            Assert.False(bounds.Agree([Person], [Person, Dog]));
            Assert.False(bounds.Agree([Person, Dog], [Person, elsewhere]));
        });
    }

    [Fact]
    public void Agree_ScoresOnBothSidesOfTheLine_AreTheSameObject() =>
        Assert.True(ParityBounds.Half.Agree([Dog with { Score = 0.51f }], [Dog with { Score = 0.48f }]));

    [Theory]
    [InlineData(0.00019, true)]
    [InlineData(0.00021, false)]
    [InlineData(double.NaN, false)]
    public void Allow_DifferencesInSinglePrecision_OnlySmallOnes(double share, bool isAllowed) =>
        Assert.Equal(isAllowed, ParityBounds.Single.Allow(share));

    private static Detection Make(int classId, float score, float left) =>
        new(classId, score, new Box(left, 0.2f, left + 0.1f, 0.4f), DefaultBox: 0);
}
