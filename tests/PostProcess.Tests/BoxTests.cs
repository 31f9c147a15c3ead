using FsCheck;
using FsCheck.Fluent;

namespace Pipeline.PostProcess.Tests;

public sealed class BoxTests
{
    private static readonly Box Unit = new(0, 0, 1, 1);

    [Fact]
    public void Iou_SameBox_IsOne() => Assert.Equal(1, Unit.Iou(Unit));

    [Fact]
    public void Iou_HalfOfIt_IsAHalf() => Assert.Equal(0.5f, Unit.Iou(new Box(0, 0, 0.5f, 1)));

    [Fact]
    public void Iou_QuartersThatShareAQuarter_IsASeventh() =>
        Assert.Equal(1 / 7f, new Box(0, 0, 0.5f, 0.5f).Iou(new Box(0.25f, 0.25f, 0.75f, 0.75f)), 1e-6f);

    [Fact]
    public void Iou_NothingShared_IsZero()
    {
        Assert.Equal(0, Unit.Iou(new Box(1, 0, 2, 1)));
        Assert.Equal(0, Unit.Iou(new Box(3, 3, 4, 4)));
        Assert.Equal(0, Unit.Iou(new Box(0.5f, 0.5f, 0.5f, 0.7f)));
        Assert.Equal(0, Unit.Iou(new Box(0.7f, 0.7f, 0.5f, 0.5f)));
        Assert.Equal(0, Unit.Iou(new Box(float.NaN, 0, 1, 1)));
        Assert.Equal(0, default(Box).Iou(default));
    }

    [Fact]
    public void Iou_AnyTwoBoxes_IsSymmetricAndAShare()
    {
        Gen<Box> boxes =
            from x in Gen.Choose(-50, 100)
            from y in Gen.Choose(-50, 100)
            from width in Gen.Choose(-10, 80)
            from height in Gen.Choose(-10, 80)
            select new Box(x / 50f, y / 50f, (x + width) / 50f, (y + height) / 50f);
        Prop.ForAll(boxes.ToArbitrary(), boxes.ToArbitrary(), (first, second) =>
            first.Iou(second) is >= 0 and <= 1.00001f && first.Iou(second) == second.Iou(first))
            .QuickCheckThrowOnFailure();
    }
}
