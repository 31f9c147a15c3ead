namespace Pipeline.Capture.Tests;

public sealed class WebcamFormatTests
{
    [Theory]
    [InlineData(640, 480, 30.0, null)]
    [InlineData(640, 480, null, null)]
    [InlineData(1280, 720, 15.0, null)]
    [InlineData(1280, 720, null, "MJPG")]
    [InlineData(1920, 1080, 30.0, "MJPG")]
    [InlineData(640, 480, 120.0, "MJPG")]
    [InlineData(1920, null, null, null)]
    public void WithPixelFormat_NoneWishedFor_AsksForJpegBeyondWhatRawPicturesAllow(int? width, int? height, double? rate, string? expected) =>
        Assert.Equal(expected, new WebcamFormat(width, height, rate).WithPixelFormat().PixelFormat);

    [Fact]
    public void WithPixelFormat_OneWishedFor_KeepsIt() =>
        Assert.Equal("YUYV", new WebcamFormat(1920, 1080, 30, "YUYV").WithPixelFormat().PixelFormat);
}
