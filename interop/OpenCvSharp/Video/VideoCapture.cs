using System.Text;
using OpenCvSharp.Internal;

namespace OpenCvSharp;

/// <summary>
/// A source of frames: a file, an address or a camera. Calls from several threads take turns, so a release waits for a
/// read that is under way; disposal does not.
/// </summary>
public class VideoCapture : CvObject
{
    private readonly CaptureHandle _handle;

    /// <summary>A capture that is not open yet.</summary>
    public VideoCapture()
        : this(New())
    {
    }

    /// <summary>Opens a camera; ask <see cref="IsOpened"/> whether it worked.</summary>
    /// <param name="index">The camera's number.</param>
    /// <param name="apiPreference">The library to use.</param>
    public VideoCapture(int index, VideoCaptureAPIs apiPreference = VideoCaptureAPIs.ANY)
        : this() => Open(index, apiPreference, []);

    /// <summary>Opens a camera with parameters; ask <see cref="IsOpened"/> whether it worked.</summary>
    /// <param name="index">The camera's number.</param>
    /// <param name="apiPreference">The library to use.</param>
    /// <param name="prms">Pairs of <see cref="VideoCaptureProperties"/> and value.</param>
    public VideoCapture(int index, VideoCaptureAPIs apiPreference, int[] prms)
        : this()
    {
        ArgumentNullException.ThrowIfNull(prms);
        Open(index, apiPreference, prms);
    }

    /// <summary>Opens a file or an address; ask <see cref="IsOpened"/> whether it worked.</summary>
    /// <param name="fileName">The path, the address, or the launch line.</param>
    /// <param name="apiPreference">The library to use.</param>
    public VideoCapture(string fileName, VideoCaptureAPIs apiPreference = VideoCaptureAPIs.ANY)
        : this() => Open(fileName, apiPreference, []);

    /// <summary>Opens a file or an address with parameters; ask <see cref="IsOpened"/> whether it worked.</summary>
    /// <param name="fileName">The path, the address, or the launch line.</param>
    /// <param name="apiPreference">The library to use.</param>
    /// <param name="prms">Pairs of <see cref="VideoCaptureProperties"/> and value.</param>
    public VideoCapture(string fileName, VideoCaptureAPIs apiPreference, int[] prms)
        : this()
    {
        ArgumentNullException.ThrowIfNull(prms);
        Open(fileName, apiPreference, prms);
    }

    private VideoCapture(CaptureHandle handle)
        : base(handle) => _handle = handle;

    /// <summary>Where the stream is, in milliseconds.</summary>
    public int PosMsec
    {
        get => (int)Get(VideoCaptureProperties.PosMsec);
        set => Set(VideoCaptureProperties.PosMsec, value);
    }

    /// <summary>The number of the frame that comes next.</summary>
    public int PosFrames
    {
        get => (int)Get(VideoCaptureProperties.PosFrames);
        set => Set(VideoCaptureProperties.PosFrames, value);
    }

    /// <summary>Columns of a frame.</summary>
    public int FrameWidth
    {
        get => (int)Get(VideoCaptureProperties.FrameWidth);
        set => Set(VideoCaptureProperties.FrameWidth, value);
    }

    /// <summary>Rows of a frame.</summary>
    public int FrameHeight
    {
        get => (int)Get(VideoCaptureProperties.FrameHeight);
        set => Set(VideoCaptureProperties.FrameHeight, value);
    }

    /// <summary>Declared frames per second.</summary>
    public double Fps
    {
        get => Get(VideoCaptureProperties.Fps);
        set => Set(VideoCaptureProperties.Fps, value);
    }

    /// <summary>The codec's four characters.</summary>
    public string FourCC
    {
        get
        {
            int code = (int)Get(VideoCaptureProperties.FourCC);
            return Encoding.Latin1.GetString(
                [(byte)code, (byte)(code >> 8), (byte)(code >> 16), (byte)(code >> 24)]);
        }

        set => Set(VideoCaptureProperties.FourCC, OpenCvSharp.FourCC.FromString(value));
    }

    /// <summary>Declared number of frames in the file.</summary>
    public int FrameCount => (int)Get(VideoCaptureProperties.FrameCount);

    private CaptureHandle Handle
    {
        get
        {
            ThrowIfDisposed();
            return _handle;
        }
    }

    /// <summary>Opens a file or an address, after closing what was open.</summary>
    /// <param name="fileName">The path, the address, or the launch line.</param>
    /// <param name="apiPreference">The library to use.</param>
    /// <returns>Whether it is open.</returns>
    public bool Open(string fileName, VideoCaptureAPIs apiPreference = VideoCaptureAPIs.ANY) =>
        Open(fileName, apiPreference, []);

    /// <summary>Opens a camera, after closing what was open.</summary>
    /// <param name="index">The camera's number.</param>
    /// <param name="apiPreference">The library to use.</param>
    /// <returns>Whether it is open.</returns>
    public bool Open(int index, VideoCaptureAPIs apiPreference = VideoCaptureAPIs.ANY) =>
        Open(index, apiPreference, []);

    /// <summary>Whether something is open.</summary>
    /// <returns>True where frames may be read.</returns>
    public bool IsOpened()
    {
        NativeMethods.cvs_capture_is_opened(Handle, out int opened).ThrowIfFailed();
        return opened != 0;
    }

    /// <summary>Closes what is open.</summary>
    public void Release() => NativeMethods.cvs_capture_release(Handle).ThrowIfFailed();

    /// <summary>Takes the next frame from the source without converting it.</summary>
    /// <returns>False at the end, or where the source is gone.</returns>
    public bool Grab()
    {
        NativeMethods.cvs_capture_grab(Handle, out int grabbed).ThrowIfFailed();
        return grabbed != 0;
    }

    /// <summary>Converts the frame grabbed last.</summary>
    /// <param name="image">Where to; its own pixels are used again where size and type fit.</param>
    /// <param name="flag">What of it, where the source has several.</param>
    /// <returns>False where there is none; then the image stays as it was.</returns>
    public bool Retrieve(OutputArray image, int flag = 0)
    {
        ArgumentNullException.ThrowIfNull(image);
        NativeMethods.cvs_capture_retrieve(Handle, image.Handle, flag, out int retrieved).ThrowIfFailed();
        return retrieved != 0;
    }

    /// <inheritdoc cref="Retrieve(OutputArray, int)"/>
    public bool Retrieve(Mat image, int flag = 0)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Retrieve(image.AsOutput(), flag);
    }

    /// <summary>Grabs and retrieves the next frame.</summary>
    /// <param name="image">Where to; its own pixels are used again where size and type fit.</param>
    /// <returns>False at the end, or where the source is gone. True may come with an empty image.</returns>
    public bool Read(OutputArray image)
    {
        ArgumentNullException.ThrowIfNull(image);
        NativeMethods.cvs_capture_read(Handle, image.Handle, out int read).ThrowIfFailed();
        return read != 0;
    }

    /// <inheritdoc cref="Read(OutputArray)"/>
    public bool Read(Mat image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Read(image.AsOutput());
    }

    /// <summary>Tells the source something.</summary>
    /// <param name="propertyId">What.</param>
    /// <param name="value">Its value.</param>
    /// <returns>Whether the source accepted it.</returns>
    public bool Set(VideoCaptureProperties propertyId, double value) => Set((int)propertyId, value);

    /// <inheritdoc cref="Set(VideoCaptureProperties, double)"/>
    public bool Set(int propertyId, double value)
    {
        NativeMethods.cvs_capture_set(Handle, propertyId, value, out int accepted).ThrowIfFailed();
        return accepted != 0;
    }

    /// <summary>Asks the source something.</summary>
    /// <param name="propertyId">What.</param>
    /// <returns>Its value; 0 where it is unknown or nothing is open.</returns>
    public double Get(VideoCaptureProperties propertyId) => Get((int)propertyId);

    /// <inheritdoc cref="Get(VideoCaptureProperties)"/>
    public double Get(int propertyId)
    {
        NativeMethods.cvs_capture_get(Handle, propertyId, out double value).ThrowIfFailed();
        return value;
    }

    /// <summary>The library in use, like FFMPEG.</summary>
    /// <returns>Its name.</returns>
    /// <exception cref="OpenCVException">Nothing is open.</exception>
    public string GetBackendName()
    {
        NativeMethods.cvs_capture_backend(Handle, out BufferHandle name).ThrowIfFailed();
        using (name)
        {
            return Encoding.UTF8.GetString(name.ToArray());
        }
    }

    private static CaptureHandle New()
    {
        NativeMethods.cvs_capture_new(out CaptureHandle handle).ThrowIfFailed();
        return handle;
    }

    private bool Open(string fileName, VideoCaptureAPIs api, ReadOnlySpan<int> parameters)
    {
        ArgumentException.ThrowIfNullOrEmpty(fileName);
        NativeMethods.cvs_capture_open_file(
            Handle, fileName, (int)api, parameters, parameters.Length, out int opened).ThrowIfFailed();
        return opened != 0;
    }

    private bool Open(int index, VideoCaptureAPIs api, ReadOnlySpan<int> parameters)
    {
        NativeMethods.cvs_capture_open_index(
            Handle, index, (int)api, parameters, parameters.Length, out int opened).ThrowIfFailed();
        return opened != 0;
    }
}
