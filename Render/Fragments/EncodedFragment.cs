using System.Buffers;
using System.Buffers.Binary;

namespace Pipeline.Render;

/// <summary>
/// A piece of encoded video, a quarter of a second or so: a moof box and the mdat box that belongs to it, in memory rented from
/// the shared array pool. Recorders, the seconds before an event and streams share it; its bytes are never changed.
/// </summary>
/// <remarks>
/// It comes into being with one lease, its maker's. Who keeps it longer than a call takes one with <see cref="AddLease"/> and
/// gives it back once with <see cref="Release"/>; the last one returns the memory.
/// </remarks>
public sealed class EncodedFragment
{
    private readonly byte[] _rented;
    private readonly MovieFragment _head;
    private readonly int _length;
    private int _leases = 1;

    /// <summary>Takes over rented memory.</summary>
    /// <param name="raw">The memory, from the shared pool, and what it says.</param>
    /// <param name="init">What the file must begin with.</param>
    /// <param name="number">Its place among the source's fragments.</param>
    /// <param name="startTicks">Where the encoder's run began on the source's recording clock, in ticks of 1/90000 s.</param>
    /// <param name="capturedAt">When its first frame was captured.</param>
    /// <param name="classes">The classes that were detected on its frames.</param>
    internal EncodedFragment(
        RawFragment raw, InitSegment init, long number, long startTicks, DateTimeOffset capturedAt, ClassSet classes)
    {
        (_rented, _length, _head, HeadLength) = raw;
        Init = init;
        Number = number;
        StartTicks = startTicks + _head.Start;
        CapturedAt = capturedAt;
        Classes = classes;
    }

    /// <summary>What the file must begin with that this fragment stands in.</summary>
    public InitSegment Init { get; }

    /// <summary>Its place among the source's fragments, counted from 0 over all runs of the encoder. A gap is a loss.</summary>
    public long Number { get; }

    /// <summary>When its first frame was captured, in UTC.</summary>
    public DateTimeOffset CapturedAt { get; }

    /// <summary>The classes that were detected on its frames.</summary>
    internal ClassSet Classes { get; }

    /// <summary>Where it begins on the source's recording clock, which goes on over all runs of the encoder, in ticks of 1/90000 s.</summary>
    internal long StartTicks { get; }

    /// <summary>Where it begins on the source's recording clock.</summary>
    public TimeSpan Start => MovieFragment.TimeOf(StartTicks);

    /// <summary>How long its frames are shown.</summary>
    public TimeSpan Duration => MovieFragment.TimeOf(_head.Duration);

    /// <summary>Where it ends on the source's recording clock.</summary>
    public TimeSpan End => MovieFragment.TimeOf(EndTicks);

    internal long EndTicks => StartTicks + _head.Duration;

    /// <summary>Frames.</summary>
    public int Frames => _head.Frames;

    /// <summary>Whether a player can begin with it.</summary>
    public bool StartsWithKeyFrame => _head.StartsWithKeyFrame;

    /// <summary>Both boxes as the encoder made them, times counted from its own start. Read-only, and gone with the last lease.</summary>
    public ReadOnlyMemory<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _leases) <= 0, this);
            return _rented.AsMemory(0, _length);
        }
    }

    /// <summary>Bytes of the moof box, with which <see cref="Bytes"/> begins.</summary>
    public int HeadLength { get; }

    /// <summary>Adds a lease.</summary>
    public void AddLease()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _leases) <= 0, this);
        Interlocked.Increment(ref _leases);
    }

    /// <summary>Gives a lease back; the last one returns the memory.</summary>
    public void Release()
    {
        int left = Interlocked.Decrement(ref _leases);
        ObjectDisposedException.ThrowIf(left < 0, this);
        if (left == 0)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }

    /// <summary>Copies the moof box with another number and start, for a file that began later than the encoder.</summary>
    /// <param name="target">At least <see cref="HeadLength"/> bytes.</param>
    /// <param name="number">Its number in the file, from 1.</param>
    /// <param name="startTicks">Its start in the file, in ticks of 1/90000 s.</param>
    internal void CopyHead(Span<byte> target, uint number, long startTicks)
    {
        Bytes.Span[..HeadLength].CopyTo(target);
        BinaryPrimitives.WriteUInt32BigEndian(target[_head.NumberOffset..], number);
        BinaryPrimitives.WriteInt64BigEndian(target[_head.StartOffset..], startTicks);
    }
}
