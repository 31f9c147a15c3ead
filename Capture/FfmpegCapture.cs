using OpenCvSharp;

namespace Pipeline.Capture;

/// <summary>Opens captures through FFmpeg: one at a time in the process, each with options of its own.</summary>
internal static class FfmpegCapture
{
    /// <summary>CAP_PROP_N_THREADS, which OpenCvSharp has no name for.</summary>
    public const int DecoderThreads = 70;

    /// <summary>
    /// OpenCV opens one capture at a time, whatever the thread, and reads the options from a variable of the process. Those
    /// that wait for their turn wait here, where it isn't held against them.
    /// </summary>
    private static readonly SemaphoreSlim Turn = new(1);

    /// <summary>A turn ends by the limits of its source, so one that lasts longer will not end at all.</summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMinutes(2);

    /// <summary>Opens a stream.</summary>
    /// <returns>A capture, which may not be open.</returns>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static VideoCapture OpenStream(string address, SourceReaderOptions options, SourceWatch watch, CancellationToken cancellationToken) =>
        Open(
            address,
            options.Stream.FfmpegOptions,
            options.HardwareDecoding,
            [
                DecoderThreads, options.Stream.DecoderThreads,
                (int)VideoCaptureProperties.OpenTimeoutMsec, (int)options.Limits.Open.TotalMilliseconds,
                (int)VideoCaptureProperties.ReadTimeoutMsec, (int)options.Limits.Read.TotalMilliseconds,
            ],
            watch,
            cancellationToken);

    /// <summary>Opens a file.</summary>
    /// <returns>A capture, which may not be open.</returns>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static VideoCapture OpenFile(string path, VideoAccelerationType hardware, SourceWatch watch, CancellationToken cancellationToken) =>
        Open(path, options: "", hardware, [], watch, cancellationToken);

    /// <exception cref="LibraryWedgedException">Another opening never returned, so that this one can't begin.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled while it waited for its turn.</exception>
    /// <exception cref="CallAbandonedException">The opening took so long that nobody waits for it any more.</exception>
    private static VideoCapture Open(
        string target, string options, VideoAccelerationType hardware, int[] parameters, SourceWatch watch, CancellationToken cancellationToken)
    {
        int[] wished = hardware == VideoAccelerationType.None
            ? parameters
            : [.. parameters, (int)VideoCaptureProperties.HwAcceleration, (int)hardware];
        VideoCapture capture = OpenInTurn(target, options, wished, watch, cancellationToken);
        if (capture.IsOpened() || hardware is VideoAccelerationType.None or VideoAccelerationType.Any)
        {
            return capture;
        }

        // OpenCV itself falls back to the processor only where any hardware is asked for.
        capture.Dispose();
        return OpenInTurn(target, options, parameters, watch, cancellationToken);
    }

    private static VideoCapture OpenInTurn(
        string target, string options, int[] parameters, SourceWatch watch, CancellationToken cancellationToken)
    {
        watch.Hold();
        if (!Turn.Wait(LongestTurn, cancellationToken))
        {
            throw new LibraryWedgedException();
        }

        VideoCapture capture;
        try
        {
            watch.Resume();
            watch.Enter();
            NativeEnvironment.SetCaptureOptions(options);
            capture = new VideoCapture(target, VideoCaptureAPIs.FFMPEG, parameters);
        }
        finally
        {
            Turn.Release();
        }

        try
        {
            watch.Leave();
            return capture;
        }
        catch
        {
            watch.Close(capture);
            throw;
        }
    }
}

/// <summary>The video library opens nothing any more: an opening that never returned holds it.</summary>
internal sealed class LibraryWedgedException()
    : Exception("The video library opens no stream any more, since one opening never returned: only a new process helps.");
