using Pipeline.Testing;

namespace Pipeline.Capture.Tests;

public sealed class SourceAddressTests
{
    [Theory]
    [InlineData("0", SourceKind.Camera, "camera0")]
    [InlineData("/dev/video2", SourceKind.Camera, "camera2")]
    [InlineData("/dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920-video-index0", SourceKind.Camera, "usb-046d_HD_Pro_Webcam_C920-video-index0")]
    [InlineData("rtsp://user:p@ss@cam.local:8554/live/main", SourceKind.Stream, "cam.local-live-main")]
    [InlineData("http://cam/video.mjpg", SourceKind.Stream, "cam-video.mjpg")]
    [InlineData("film.mp4", SourceKind.Video, "film")]
    [InlineData("/data/My film.avi", SourceKind.Video, "My-film")]
    [InlineData("file:///data/film.mp4", SourceKind.Video, "film")]
    [InlineData("street.JPG", SourceKind.Pictures, "street")]
    [InlineData("shots/*.png", SourceKind.Pictures, "source")]
    [InlineData("no-such-folder/", SourceKind.Pictures, "no-such-folder")]
    [InlineData("test://640x480@30", SourceKind.TestPattern, "test")]
    [InlineData("gst:videotestsrc ! video/x-raw,width=64", SourceKind.LaunchLine, "gst")]
    [InlineData("gst:rtspsrc location=rtsp://camera/live ! decodebin", SourceKind.LaunchLine, "gst")]
    public void Parse_EveryKind_IsUnderstood(string text, SourceKind kind, string name)
    {
        SourceAddress address = SourceAddress.Parse(text);

        Assert.Equal(kind, address.Kind);
        Assert.Equal(name, address.Name);
    }

    [Fact]
    public void CameraIndex_LastingName_IsThatOfTheDeviceItLeadsTo()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder["gate"], "/dev/video7");
        File.CreateSymbolicLink(folder["no-camera"], "/dev/null");

        Assert.Equal("/dev/video7", SourceAddress.DeviceOf(folder["gate"]));
        Assert.Throws<SourceException>(() => SourceAddress.DeviceOf(folder["no-camera"]));
        var absent = Assert.Throws<SourceException>(() => SourceAddress.Parse("/dev/v4l/by-id/usb-absent").CameraIndex);
        Assert.Contains("is it plugged in?", absent.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Folder_IsPictures()
    {
        using var folder = new TemporaryFolder();

        Assert.Equal(SourceKind.Pictures, SourceAddress.Parse(folder.Path).Kind);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("ftp://host/film.mp4", "ftp://")]
    [InlineData("gst: ", "no launch line")]
    [InlineData("rtsp://", "rtsp://host[:port]/path")]
    [InlineData("file://host/film.mp4", "file:///folder/video.mp4")]
    [InlineData("test://640x480", "test://640x480@30")]
    [InlineData("test://8x8@30", "16x16")]
    [InlineData("test://640x480@0", "above 0")]
    public void Parse_Malformed_SaysWhatToWrite(string text, string hint)
    {
        var error = Assert.Throws<SourceException>(() => SourceAddress.Parse(text));

        Assert.Contains(hint, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rtsp://admin:secret@cam/live", "rtsp://***@cam/live")]
    [InlineData("rtsp://admin:s@cr@t@cam/live", "rtsp://***@cam/live")]
    [InlineData("rtsp://cam/live", "rtsp://cam/live")]
    [InlineData("http://cam/video.mjpg?size=4&password=s3cret", "http://cam/video.mjpg?size=4&password=***")]
    [InlineData("test://640x480@30", "test://640x480@30")]
    public void ToString_WithCredentials_HidesThem(string text, string shown) =>
        Assert.Equal(shown, SourceAddress.Parse(text).ToString());

    [Fact]
    public void Parse_UnknownSchemeWithPassword_DoesNotShowIt()
    {
        var error = Assert.Throws<SourceException>(() => SourceAddress.Parse("rtmp://admin:secret@cam/live"));

        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_TestPattern_ReadsSizeRateAndCount() =>
        Assert.Equal(new TestPattern(640, 480, 12.5, 100), TestPattern.Parse("test://640x480@12.5?count=100"));
}
