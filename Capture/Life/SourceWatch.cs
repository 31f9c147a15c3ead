using OpenCvSharp;

namespace Pipeline.Capture;

/// <summary>
/// What the thread of a connection is doing, seen from outside: how long it has given nothing, and whether it sits in native
/// code. A thread that never comes back from there is abandoned: whatever it brings is no longer wanted.
/// </summary>
/// <remarks>
/// The connection's thread calls <see cref="Enter"/>, <see cref="Leave"/>, <see cref="Progress"/>, <see cref="Hold"/> and
/// <see cref="Resume"/>; any other thread the rest. No locks: a frame passes here several times.
/// </remarks>
internal sealed class SourceWatch
{
    private const long Outside = 0;
    private const long Abandoned = -1;
    private const long Held = -1;

    private readonly TimeProvider _time;

    /// <summary>When the native call began that the thread is in; <see cref="Outside"/> or <see cref="Abandoned"/> otherwise.</summary>
    private long _callSince = Outside;

    /// <summary>When something last came; <see cref="Held"/> while the thread waits for the program itself.</summary>
    private long _progress;

    /// <summary>Begins to watch; silence counts from here.</summary>
    public SourceWatch(TimeProvider time)
    {
        _time = time;
        _progress = Now;
    }

    /// <summary>Time since something came; zero while the thread waits for the program itself.</summary>
    public TimeSpan Silence => Volatile.Read(ref _progress) is var since and not Held ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>A timestamp above 0, so that it is never taken for a mark.</summary>
    private long Now => Math.Max(_time.GetTimestamp(), 1);

    /// <summary>The thread goes into native code.</summary>
    /// <exception cref="CallAbandonedException">It was abandoned.</exception>
    public void Enter()
    {
        if (!TryMark(Now))
        {
            throw new CallAbandonedException();
        }
    }

    /// <summary>The thread is back from native code.</summary>
    /// <exception cref="CallAbandonedException">It was abandoned meanwhile: it must let go of everything and end.</exception>
    public void Leave()
    {
        if (!TryMark(Outside))
        {
            throw new CallAbandonedException();
        }
    }

    /// <summary>Grabs the next picture: a watched call.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="CallAbandonedException">Nobody waits for it any more.</exception>
    public bool Grab(VideoCapture capture)
    {
        Enter();
        bool grabbed = capture.Grab();
        Leave();
        return grabbed;
    }

    /// <summary>Decodes the grabbed picture into a frame: a watched call.</summary>
    /// <returns>Whether there is a picture in it.</returns>
    /// <exception cref="CallAbandonedException">Nobody waits for it any more.</exception>
    public bool Retrieve(VideoCapture capture, Frame frame)
    {
        Enter();
        bool retrieved = frame.TryRetrieve(capture);
        Leave();
        return retrieved;
    }

    /// <summary>Closes what native code holds: watched like any call, and done by its thread even after it was abandoned.</summary>
    public void Close(IDisposable native)
    {
        _ = TryMark(Now);
        native.Dispose();
        _ = TryMark(Outside);
    }

    /// <summary>Something came: a frame, or a step of the opening.</summary>
    public void Progress() => Volatile.Write(ref _progress, Now);

    /// <summary>From here to <see cref="Resume"/> the thread waits for the program itself, which is not the source's fault.</summary>
    public void Hold() => Volatile.Write(ref _progress, Held);

    /// <summary>The thread goes on; silence counts from here.</summary>
    public void Resume() => Progress();

    /// <summary>Abandons the thread where it has been in one native call for at least this long.</summary>
    /// <returns>Whether it is abandoned: from now on it brings nothing more.</returns>
    public bool TryAbandon(TimeSpan atLeast)
    {
        long since = Volatile.Read(ref _callSince);
        if (since == Outside)
        {
            return false;
        }

        // The exchange fails where the thread came out, or went into another call, since the look above.
        return since == Abandoned
            || (_time.GetElapsedTime(since) >= atLeast && Interlocked.CompareExchange(ref _callSince, Abandoned, since) == since);
    }

    private bool TryMark(long to)
    {
        // A call that threw was never left, so what stands here may be its mark.
        long from = Volatile.Read(ref _callSince);
        return from != Abandoned && Interlocked.CompareExchange(ref _callSince, to, from) == from;
    }
}

/// <summary>A native call came back after nobody waited for it any more: its thread lets go of what it has and ends.</summary>
internal sealed class CallAbandonedException() : Exception("The native call was given up before it returned.");
