using System.ComponentModel;
using System.Diagnostics;

namespace Pipeline.Render;

/// <summary>
/// An ffmpeg process that is fed through its standard input and read from its standard output. It lives in a session of its
/// own, so that a Ctrl-C meant for the program does not cut off its last frames. When the program dies, its input ends and it
/// ends too. One thread writes, another reads.
/// </summary>
/// <remarks>
/// It is looked at four times a second, and ended where it is stalled; see <see cref="StallDetector"/>. Whether it has something to
/// do, the pipes tell: input that it has not read. Output that we have not read yet excuses it.
/// </remarks>
internal sealed class FfmpegProcess : IDisposable
{
    /// <summary>Lines of ffmpeg's that are kept for error messages.</summary>
    private const int KeptLines = 8;

    private readonly Process _process;
    private readonly Stream _input;
    private readonly PipeLevel _inputLevel;
    private readonly PipeLevel _outputLevel;
    private readonly ITimer _watch;
    private readonly StallDetector _detector = new();
    private readonly Queue<string> _messages = new();

    /// <summary>Why we ended it; null where we didn't.</summary>
    private volatile string? _abandoned;

    /// <summary>Whether its input has ended, so that it has to finish.</summary>
    private volatile bool _isFinishing;

    /// <summary>Whether it has given anything.</summary>
    private volatile bool _hasGiven;

    /// <summary>How often it has taken or given something.</summary>
    private long _moves;

    /// <summary><see cref="_moves"/> at the last look.</summary>
    private long _movesSeen;

    /// <summary>Starts a process.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="time">The clock of the looks at it.</param>
    /// <exception cref="OutputException">It can't be started.</exception>
    public FfmpegProcess(IEnumerable<string> arguments, TimeProvider time)
    {
        _process = Start(arguments);
        _process.ErrorDataReceived += KeepMessage;
        _process.BeginErrorReadLine();
        _input = _process.StandardInput.BaseStream;
        Output = _process.StandardOutput.BaseStream;
        _inputLevel = new PipeLevel(_input);
        _outputLevel = new PipeLevel(Output);
        _watch = time.CreateTimer(_ => Look(), state: null, StallDetector.Interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The process's identifier.</summary>
    public int Id => _process.Id;

    /// <summary>Its standard output; it ends with the process. Who reads it disposes it.</summary>
    public Stream Output { get; }

    /// <summary>Feeds bytes; it blocks while the process is busy.</summary>
    /// <param name="bytes">The next bytes of its standard input.</param>
    /// <exception cref="OutputException">The process has ended, or stalled and was ended.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _input.Write(bytes);
            Interlocked.Increment(ref _moves);
        }
        catch (IOException e)
        {
            throw Failure(e);
        }
    }

    /// <summary>Something whole was read from <see cref="Output"/>.</summary>
    public void HasGiven()
    {
        _hasGiven = true;
        Interlocked.Increment(ref _moves);
    }

    /// <summary>Ends the input and waits until the process has given everything and ended.</summary>
    /// <exception cref="OutputException">The process failed, or stalled and was ended.</exception>
    public void Finish()
    {
        if (_isFinishing)
        {
            return;
        }

        _isFinishing = true;
        CloseInput();
        _process.WaitForExit();
        if (_abandoned is not null || _process.ExitCode != 0)
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
        if (_process.WaitForExit(TimeSpan.FromSeconds(1)))
        {
            // Once more without a limit: only this overload waits for the last lines of its messages.
            _process.WaitForExit();
        }

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

    /// <summary>Ends the process at once, if <see cref="Finish"/> has not seen it end; its output ends with it.</summary>
    public void End()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }

    /// <summary>Ends the process, if it has not ended. Nobody may be reading any more.</summary>
    public void Dispose()
    {
        // A look that is under way must not find the process disposed.
        _watch.DisposeAsync().AsTask().GetAwaiter().GetResult();
        End();
        CloseInput();
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

    private void Look()
    {
        if (FindStall() is { } stall)
        {
            _abandoned = stall;
            _process.Kill();
        }
        else
        {
            // Not before this look is over, so that looks never overlap or come in a burst.
            _watch.Change(StallDetector.Interval, Timeout.InfiniteTimeSpan);
        }
    }

    private string? FindStall()
    {
        long moves = Interlocked.Read(ref _moves);
        bool hasMoved = moves != _movesSeen;
        _movesSeen = moves;
        bool hasWork = _isFinishing || _inputLevel.Bytes > 0;
        if (hasMoved || !hasWork || _outputLevel.Bytes > 0)
        {
            _detector.Reset();
            return null;
        }

        return ProcessActivity.Of(Id) is { } activity
            ? _detector.Look(activity, _hasGiven ? StallDetector.Idle : StallDetector.IdleAtStart)
            : null;
    }

    private void KeepMessage(object sender, DataReceivedEventArgs line)
    {
        if (string.IsNullOrWhiteSpace(line.Data))
        {
            return;
        }

        lock (_messages)
        {
            _messages.Enqueue(line.Data.Trim());
            if (_messages.Count > KeptLines)
            {
                _messages.Dequeue();
            }
        }
    }
}
