using OpenCvSharp;
using Pipeline.Testing;

namespace Pipeline.Interop.Tests.OpenCv;

public class VideoCaptureTests
{
    [Fact]
    public void Open_SampleVideo_TellsSizeRateAndLength()
    {
        using var capture = new VideoCapture(Repository.SampleVideo, VideoCaptureAPIs.FFMPEG);

        Assert.True(capture.IsOpened());
        Assert.Equal(768, capture.FrameWidth);
        Assert.Equal(576, capture.FrameHeight);
        Assert.Equal(10, capture.Fps);
        Assert.Equal(795, capture.FrameCount);
        Assert.Equal("div3", capture.FourCC);
        Assert.Equal("FFMPEG", capture.GetBackendName());
    }

    [Fact]
    public void Read_SampleVideo_GivesEveryFrameInTheSamePixels()
    {
        using var capture = new VideoCapture(Repository.SampleVideo, VideoCaptureAPIs.FFMPEG);
        using var image = new Mat(576, 768, MatType.CV_8UC3);
        nint pixels = image.Data;

        int frames = 0;
        while (capture.Read(image))
        {
            frames++;
            Assert.Equal(pixels, image.Data);
        }

        Assert.Equal(795, frames);
        Assert.False(capture.Read(image));
    }

    [Fact]
    public void Retrieve_AfterGrab_GivesWhatReadGives()
    {
        using var grabbing = new VideoCapture(Repository.SampleVideo, VideoCaptureAPIs.FFMPEG);
        using var reading = new VideoCapture(Repository.SampleVideo, VideoCaptureAPIs.FFMPEG);
        using var retrieved = new Mat();
        using var read = new Mat();
        for (int i = 0; i < 3; i++)
        {
            Assert.True(grabbing.Grab());
            Assert.True(reading.Read(read));
        }

        Assert.True(grabbing.Retrieve(retrieved));

        Assert.Equal(0, Cv2.Norm(retrieved, read));
        Assert.True(retrieved.At<byte>(100, 100) > 0);
    }

    [Fact]
    public void Retrieve_NothingGrabbed_LeavesTheImageAsItWas()
    {
        using var capture = new VideoCapture(Repository.SampleVideo, VideoCaptureAPIs.FFMPEG);
        using var closed = new VideoCapture();
        using var image = new Mat(576, 768, MatType.CV_8UC3, Scalar.All(17));

        Assert.False(capture.Retrieve(image));
        Assert.False(closed.Retrieve(image));

        Assert.Equal(new Size(768, 576), image.Size());
        Assert.Equal(17, image.At<byte>(575, 767));
    }

    [Fact]
    public void Open_WithParameters_IsOpened()
    {
        int[] timeouts =
        [
            (int)VideoCaptureProperties.OpenTimeoutMsec, 2000,
            (int)VideoCaptureProperties.ReadTimeoutMsec, 2000,
        ];

        using var capture = new VideoCapture(Repository.SampleVideo, VideoCaptureAPIs.FFMPEG, timeouts);

        Assert.True(capture.IsOpened());
    }

    [Fact]
    public void Open_OddNumberOfParameters_ThrowsOpenCVException()
    {
        var exception = Assert.Throws<OpenCVException>(
            () => new VideoCapture(Repository.SampleVideo, VideoCaptureAPIs.FFMPEG, [53]));

        Assert.Equal(ErrorCode.StsVecLengthErr, exception.Status);
    }

    [Fact]
    public void Open_NoSuchFile_IsNotOpenedAndReadsNothing()
    {
        using var capture = new VideoCapture("/nowhere/at/all.avi", VideoCaptureAPIs.FFMPEG);
        using var image = new Mat();

        Assert.False(capture.IsOpened());
        Assert.False(capture.Grab());
        Assert.False(capture.Read(image));
        Assert.True(image.Empty());
        Assert.Equal(0, capture.FrameWidth);
        Assert.Throws<OpenCVException>(capture.GetBackendName);
    }

    [Fact]
    public void Open_NoSuchCamera_IsNotOpened()
    {
        using var capture = new VideoCapture(97, VideoCaptureAPIs.V4L2);

        Assert.False(capture.IsOpened());
    }

    [Fact]
    public void PosFrames_Set_ContinuesThere()
    {
        using var capture = new VideoCapture(Repository.SampleVideo, VideoCaptureAPIs.FFMPEG) { PosFrames = 160 };
        using var image = new Mat();

        Assert.Equal(160, capture.PosFrames);
        Assert.True(capture.Read(image));
        Assert.Equal(161, capture.PosFrames);
    }

    [Fact]
    public void Release_ThenOpen_ReadsFromTheStart()
    {
        using var capture = new VideoCapture(Repository.SampleVideo, VideoCaptureAPIs.FFMPEG);
        Assert.True(capture.Grab());

        capture.Release();
        Assert.False(capture.IsOpened());

        Assert.True(capture.Open(Repository.SampleVideo, VideoCaptureAPIs.FFMPEG));
        Assert.Equal(0, capture.PosFrames);
        Assert.True(capture.Grab());
    }

    [Fact]
    public void AnyCall_AfterDispose_ThrowsObjectDisposedException()
    {
        var capture = new VideoCapture(Repository.SampleVideo, VideoCaptureAPIs.FFMPEG);
        using var image = new Mat();
        capture.Dispose();
        capture.Dispose();

        Assert.Throws<ObjectDisposedException>(() => capture.Grab());
        Assert.Throws<ObjectDisposedException>(() => capture.Read(image));
        Assert.Throws<ObjectDisposedException>(() => capture.IsOpened());
        Assert.Throws<ObjectDisposedException>(() => capture.Fps);
        Assert.Throws<ObjectDisposedException>(capture.Release);
    }

    [Fact]
    public void Null_AnyArgument_ThrowsArgumentNullException()
    {
        using var capture = new VideoCapture();

        Assert.Throws<ArgumentNullException>(() => new VideoCapture(null!));
        Assert.Throws<ArgumentNullException>(() => new VideoCapture("a.avi", VideoCaptureAPIs.ANY, (int[])null!));
        Assert.Throws<ArgumentNullException>(() => capture.Read((Mat)null!));
        Assert.Throws<ArgumentNullException>(() => capture.Retrieve((OutputArray)null!));
    }
}
