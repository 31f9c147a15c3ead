using System.ComponentModel;
using System.Diagnostics;

namespace Pipeline.Render;

/// <summary>How long an ffmpeg process may keep its owner waiting before it is ended.</summary>
/// <param name="Start">For giving the first fragment: opening a hardware encoder takes its time.</param>
/// <param name="Write">For taking a piece of input, and for giving a fragment that is due, later on.</param>
/// <param name="Finish">For giving the rest once its input has ended.</param>
internal sealed record FfmpegLimits(TimeSpan Start, TimeSpan Write, TimeSpan Finish)
{
    /// <summary>
    /// For live sources: ten seconds to start; one and a half for a write, so that a stall is noticed within two; ten to finish.
    /// </summary>
    public static FfmpegLimits Live { get; } = new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(10));

    /// <summary>
    /// For files: a file waits and loses nothing by it, while an encoder that is ended takes frames with it; a machine that is
    /// busy with other things can hold it up for seconds.
    /// </summary>
    public static FfmpegLimits Patient { get; } = Live with { Start = TimeSpan.FromSeconds(20), Write = TimeSpan.FromSeconds(20) };

    /// <summary>The limit of a write, by how many fragments have come.</summary>
    public TimeSpan WriteAfter(long fragments) => fragments == 0 ? Start : Write;
}

/// <summary>
/// An ffmpeg process that is fed through its standard input and read from its standard output. It lives in a session of its
/// own, so that a Ctrl-C meant for the program does not cut off its last frames. When the program dies, its input ends and it
/// ends too. One thread writes, another reads.
/// </summary>
internal sealed class FfmpegProcess : IDisposable
{
    /// <summary>Lines of ffmpeg's that are kept for error messages.</summary>
    private const int KeptLines = 8;

    /// <summary>Bytes that are written at once; each such piece has the whole time limit.</summary>
    private const int Piece = 256 << 10;

    private readonly FfmpegLimits _limits;
    private readonly Process _process;
    private readonly Stream _input;
    private readonly Timer _watch;
    private readonly Queue<string> _messages = new();
    private readonly Func<bool> _isHeldBack;

    /// <summary>Why we ended it; null where we didn't.</summary>
    private volatile string? _abandoned;
    private TimeSpan _limit;
    private bool _isFinished;

    /// <summary>Starts a process.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="limits">How long it may keep us waiting.</param>
    /// <param name="isHeldBack">Whether it can't work because its output is not being read: then it may keep us waiting.</param>
    /// <exception cref="OutputException">It can't be started.</exception>
    public FfmpegProcess(IEnumerable<string> arguments, FfmpegLimits limits, Func<bool> isHeldBack)
    {
        _limits = limits;
        _isHeldBack = isHeldBack;
        _watch = new Timer(_ => EndStuckProcess());
        _process = Start(arguments);
        _process.ErrorDataReceived += KeepMessage;
        _process.BeginErrorReadLine();
        _input = _process.StandardInput.BaseStream;
        Output = _process.StandardOutput.BaseStream;
    }

    /// <summary>The process's identifier.</summary>
    public int Id => _process.Id;

    /// <summary>Its standard output; it ends with the process. Who reads it disposes it.</summary>
    public Stream Output { get; }

    /// <summary>Feeds bytes; it blocks while the process is busy.</summary>
    /// <param name="bytes">The next bytes of its standard input.</param>
    /// <param name="limit">The longest that it may take nothing.</param>
    /// <exception cref="OutputException">The process has ended, or took nothing for too long and was ended.</exception>
    public void Write(ReadOnlySpan<byte> bytes, TimeSpan limit)
    {
        _limit = limit;
        try
        {
            while (bytes.Length > 0)
            {
                _watch.Change(limit, Timeout.InfiniteTimeSpan);
                ReadOnlySpan<byte> piece = bytes[..Math.Min(bytes.Length, Piece)];
                _input.Write(piece);
                bytes = bytes[piece.Length..];
            }
        }
        catch (IOException e)
        {
            throw Failure(e);
        }
        finally
        {
            _watch.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Ends the input and waits until the process has given everything and ended.</summary>
    /// <exception cref="OutputException">The process failed, or took too long and was ended.</exception>
    public void Finish()
    {
        if (_isFinished)
        {
            return;
        }

        _isFinished = true;
        CloseInput();
        while (!Exited(_limits.Finish) && _isHeldBack())
        {
            // What reads its output takes its time: that is not the process's fault.
        }

        if (!_process.HasExited)
        {
            throw Abandon($"it did not finish within {_limits.Finish.TotalSeconds:0.#} s");
        }

        if (_process.ExitCode != 0)
        {
            throw Failure();
        }
    }

    /// <summary>Ends the process at once.</summary>
    /// <param name="reason">Why, as in "ffmpeg was ended: it did not finish".</param>
    /// <returns>The error to throw.</returns>
    public OutputException Abandon(string reason)
    {
        _abandoned = reason;
        _process.Kill();
        return Failure();
    }

    /// <summary>What became of a process that has ended or is about to.</summary>
    public OutputException Failure(Exception? cause = null)
    {
        // It has closed its end: it is about to exit, and its last words say why.
        Exited(TimeSpan.FromSeconds(1));
        if (_abandoned is { } reason)
        {
            return new OutputException($"ffmpeg was ended: {reason}.", cause);
        }

        lock (_messages)
        {
            return new OutputException(
                $"ffmpeg failed: {(_messages.Count > 0 ? string.Join(' ', _messages) : "it gave no reason.")}", cause);
        }
    }

    /// <summary>Keeps a line for the error message.</summary>
    public void Note(string line)
    {
        lock (_messages)
        {
            _messages.Enqueue(line.Trim());
            if (_messages.Count > KeptLines)
            {
                _messages.Dequeue();
            }
        }
    }

    /// <summary>Ends the process at once, if <see cref="Finish"/> has not seen it end.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        CloseInput();
        _watch.Dispose();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static Process Start(IEnumerable<string> arguments)
    {
        // setsid makes a session and then becomes ffmpeg: the same process, out of reach of the terminal's signals.
        var start = new ProcessStartInfo("setsid", [Ffmpeg.Program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new OutputException($"ffmpeg can't be started: {e.Message}", e);
        }
    }

    private bool Exited(TimeSpan within)
    {
        if (!_process.WaitForExit(within))
        {
            return false;
        }

        // Once more without a limit: only this overload waits for the last lines of its messages.
        _process.WaitForExit();
        return true;
    }

    private void CloseInput()
    {
        try
        {
            _input.Dispose();
        }
        catch (IOException)
        {
            // It is gone already; its exit code tells.
        }
    }

    private void EndStuckProcess()
    {
        if (_isHeldBack())
        {
            _watch.Change(_limit, Timeout.InfiniteTimeSpan);
            return;
        }

        _abandoned = $"it took no frame for {_limit.TotalSeconds:0.#} s";
        _process.Kill();
    }

    private void KeepMessage(object sender, DataReceivedEventArgs line)
    {
        if (!string.IsNullOrWhiteSpace(line.Data))
        {
            Note(line.Data);
        }
    }
}
