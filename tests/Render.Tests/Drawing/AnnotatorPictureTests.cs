using OpenCvSharp;
using Pipeline.PostProcess;
using Pipeline.Testing;

namespace Pipeline.Render.Tests;

/// <summary>
/// Compares whole drawings with pictures that a person looked at and found good, in tests/Render.Tests/data. After a
/// change that is meant, run these tests once with RENDER_UPDATE_PICTURES=1, look at the new pictures, and commit them.
/// </summary>
public class AnnotatorPictureTests
{
    private static readonly LabelMap Labels = LabelMap.FromList(
        1, ["person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light"]);

    [Theory]
    [InlineData(320, 240)]
    [InlineData(768, 576)]
    [InlineData(1280, 720)]
    public void Draw_CrowdedScene_LooksAsStored(int width, int height)
    {
        using Mat image = Background(width, height);

        new Annotator(Labels).Draw(image, Scene());

        AssertLooksLike($"scene-{width}x{height}.png", image);
    }

    [Theory]
    [InlineData(320, 240)]
    [InlineData(768, 576)]
    public void Draw_CrowdedSceneWithCaption_LooksAsStored(int width, int height)
    {
        using Mat image = Background(width, height);

        new Annotator(Labels).Draw(image, Scene(), "gate  2026-11-21 10:00:07Z  9.9 fps");

        AssertLooksLike($"caption-{width}x{height}.png", image);
    }

    [Fact]
    public void Draw_LargePicture_LooksLikeTheSmallOneMagnified()
    {
        using Mat small = Background(960, 540);
        using Mat large = Background(3840, 2160);

        new Annotator(Labels).Draw(small, Scene());
        new Annotator(Labels).Draw(large, Scene());

        using Mat shrunk = large.Resize(small.Size(), interpolation: InterpolationFlags.Area);
        Assert.True(MeanDifference(small, shrunk) < 3, $"They differ by {MeanDifference(small, shrunk):F2} on average.");
    }

    /// <summary>
    /// Another release of OpenCV may place a letter's edge a little differently: the mean difference may be 0.5 of 255,
    /// and one pixel in 500 may differ by more than 40.
    /// </summary>
    private static void AssertLooksLike(string name, Mat image)
    {
        if (Environment.GetEnvironmentVariable("RENDER_UPDATE_PICTURES") == "1")
        {
            Cv2.ImWrite(
                Path.Combine(Repository.Root, "tests", "Render.Tests", "data", name),
                image,
                new ImageEncodingParam(ImwriteFlags.PngCompression, 9));
            return;
        }

        using Mat stored = Cv2.ImRead(Path.Combine(AppContext.BaseDirectory, "data", name));
        Assert.Equal(stored.Size(), image.Size());
        using var difference = new Mat();
        Cv2.Absdiff(stored, image, difference);
        long far = difference.AsSpan<byte>().ToArray().LongCount(v => v > 40);
        Assert.True(MeanDifference(stored, image) < 0.5, $"They differ by {MeanDifference(stored, image):F2} on average.");
        Assert.True(far < difference.Total() * 3 / 500, $"{far} values differ by more than 40.");
    }

    private static double MeanDifference(Mat a, Mat b) => Cv2.Norm(a, b, NormTypes.L1) / (a.Total() * 3);

    /// <summary>Dark to light from left to right, cool to warm from top to bottom: every colour meets every ground.</summary>
    private static Mat Background(int width, int height)
    {
        using Mat corners = Mat.FromPixelData(
            2, 2, MatType.CV_8UC3, new[] { new Vec3b(60, 30, 20), new Vec3b(255, 240, 230), new Vec3b(10, 20, 40), new Vec3b(160, 210, 250) });
        using Mat fields = corners.Resize(new Size(16, 9), interpolation: InterpolationFlags.Linear);
        return fields.Resize(new Size(width, height), interpolation: InterpolationFlags.Nearest);
    }

    private static Detection[] Scene() =>
    [
        At(1, 0.97f, 0.05f, 0.30f, 0.14f, 0.62f),
        At(1, 0.94f, 0.12f, 0.28f, 0.20f, 0.60f),
        At(3, 0.91f, 0.15f, 0.45f, 0.36f, 0.66f),
        At(2, 0.88f, 0.42f, 0.35f, 0.52f, 0.60f),
        At(4, 0.83f, 0.55f, 0.33f, 0.70f, 0.62f),
        At(10, 0.79f, 0.01f, 0.01f, 0.06f, 0.16f),
        At(5, 0.74f, 0.30f, 0.00f, 0.62f, 0.18f),
        At(6, 0.66f, 0.72f, 0.30f, 1.20f, 0.75f),
        At(7, 0.58f, 0.74f, 0.33f, 0.95f, 0.70f),
        At(8, 0.51f, 0.10f, 0.75f, 0.40f, 1.10f),
        At(9, 0.47f, 0.12f, 0.77f, 0.38f, 0.98f),
        At(11, 0.42f, 0.60f, 0.80f, 0.62f, 0.82f),
        At(1, 0.35f, 0.93f, 0.02f, 0.99f, 0.20f),
    ];

    private static Detection At(int classId, float score, float x1, float y1, float x2, float y2) =>
        new(classId, score, new Box(x1, y1, x2, y2), -1);
}
