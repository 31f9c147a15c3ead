using System.Runtime.InteropServices;

namespace Pipeline.Capture;

/// <summary>What OpenCV and FFmpeg are told through variables of the process.</summary>
public static partial class NativeEnvironment
{
    /// <summary>
    /// How long OpenCV waits for a webcam's frame before a grab fails and may be tried again. Whole seconds; its own 10 s
    /// would keep a thread from noticing that it should end.
    /// </summary>
    internal static readonly TimeSpan WebcamWait = TimeSpan.FromSeconds(1);

    private const int KeepExisting = 0;
    private const int Overwrite = 1;
    private const string CaptureOptions = "OPENCV_FFMPEG_CAPTURE_OPTIONS";

    /// <summary>
    /// RTSP over TCP where the server has it: over UDP each lost packet breaks pictures. Half a second of a stream tells FFmpeg
    /// what is in it (it would take up to five); files tell it in their header.
    /// </summary>
    private const string DefaultCaptureOptions = "rtsp_flags;prefer_tcp|analyzeduration;500000";

    /// <summary>The options of every capture: the user's own where the variable was set when the program started.</summary>
    private static readonly string CommonCaptureOptions = Environment.GetEnvironmentVariable(CaptureOptions) ?? DefaultCaptureOptions;

    /// <summary>
    /// Keeps OpenCV and FFmpeg from writing to standard error past the program's log, and sets how they open streams. To be
    /// called before any other thread runs: they read native variables (.NET's own do not reach them), and setenv is not safe
    /// beside getenv. A variable that the user has set stays as it is.
    /// </summary>
    public static void Prepare()
    {
        _ = SetEnvironmentVariable("OPENCV_LOG_LEVEL", "SILENT", KeepExisting);
        _ = SetEnvironmentVariable("OPENCV_FFMPEG_LOGLEVEL", "-8", KeepExisting);
        _ = SetEnvironmentVariable("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1", KeepExisting);
        _ = SetEnvironmentVariable(CaptureOptions, CommonCaptureOptions, Overwrite);
    }

    /// <summary>
    /// Sets FFmpeg's options for the next capture that is opened, beside those of every capture: a later option of the same
    /// name replaces an earlier one. One thread at a time, until OpenCV has opened the capture and thereby read them.
    /// </summary>
    /// <remarks>
    /// setenv is not safe beside getenv where it adds a variable, since the table of variables moves, or where the old value
    /// is freed. Neither happens here: <see cref="Prepare"/> has added this one, and glibc replaces a value by storing one
    /// pointer and never frees the text that it replaces. It keeps each different text once, and there are few.
    /// </remarks>
    /// <param name="options">Each with | before it, like |rtsp_transport;udp; empty for none.</param>
    internal static void SetCaptureOptions(string options) =>
        _ = SetEnvironmentVariable(CaptureOptions, (CommonCaptureOptions + options).TrimStart('|'), Overwrite);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);
}
