using System.Buffers.Binary;

namespace Pipeline.Render;

/// <summary>
/// What a moof box with one track says: when its frames begin, how long they last, how many they are, and whether the first
/// can be decoded by itself.
/// </summary>
/// <remarks>Boxes and flags: ISO/IEC 14496-12, 8.8.4 to 8.8.12 (moof, mfhd, traf, tfhd, trun, tfdt).</remarks>
internal readonly record struct MovieFragment
{
    /// <summary>Ticks of a second in the files that we write.</summary>
    public const int TicksPerSecond = 90_000;

    private const uint MovieFragmentHeader = 0x6D666864;
    private const uint TrackFragment = 0x74726166;
    private const uint TrackFragmentHeader = 0x74666864;
    private const uint TrackFragmentDecodeTime = 0x74666474;
    private const uint TrackRun = 0x7472756E;

    /// <summary>A full box begins with a version of 8 and flags of 24 bits.</summary>
    private const int VersionAndFlags = 4;

    /// <summary>In the flags of a frame: it needs others to be decoded.</summary>
    private const uint IsNoKeyFrame = 0x00010000;

    /// <summary>When the first frame is decoded and shown, in ticks.</summary>
    public long Start { get; private init; }

    /// <summary>How long all frames last, in ticks.</summary>
    public long Duration { get; private init; }

    /// <summary>Frames.</summary>
    public int Frames { get; private init; }

    /// <summary>Whether the first frame can be decoded by itself.</summary>
    public bool StartsWithKeyFrame { get; private init; }

    /// <summary>Where in the box its number stands, 32 bits.</summary>
    public int NumberOffset { get; private init; }

    /// <summary>Where in the box <see cref="Start"/> stands, 64 bits.</summary>
    public int StartOffset { get; private init; }

    /// <summary>Reads a moof box.</summary>
    /// <param name="moof">The whole box.</param>
    /// <exception cref="InvalidDataException">It is none, or one of a kind that we don't write.</exception>
    public static MovieFragment Parse(ReadOnlySpan<byte> moof)
    {
        try
        {
            return ParseBoxes(moof);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw new InvalidDataException("A moof box ends too early.", e);
        }
    }

    /// <summary>Ticks as a time: a tick is 1000/9 of TimeSpan's.</summary>
    public static TimeSpan TimeOf(long ticks) => TimeSpan.FromTicks(ticks * 1000 / 9);

    /// <summary>A time in ticks, the nearest.</summary>
    public static long TicksOf(TimeSpan time) => (long)Math.Round(time.Ticks * 9 / 1000.0);

    private static MovieFragment ParseBoxes(ReadOnlySpan<byte> moof)
    {
        var fragment = new MovieFragment();
        TrackDefaults defaults = default;
        int offset = Mp4Box.HeadLength;
        while (offset < moof.Length)
        {
            Mp4Box box = Mp4Box.Read(moof[offset..]);
            if (box.Length > moof.Length - offset)
            {
                throw new InvalidDataException("A box in a moof box is longer than that.");
            }

            int content = offset + Mp4Box.HeadLength;
            switch (box.Type)
            {
                case MovieFragmentHeader:
                    fragment = fragment with { NumberOffset = content + VersionAndFlags };
                    break;
                case TrackFragmentHeader:
                    defaults = TrackDefaults.Parse(moof[content..]);
                    break;
                case TrackFragmentDecodeTime when moof[content] == 1:
                    fragment = fragment with
                    {
                        StartOffset = content + VersionAndFlags,
                        Start = BinaryPrimitives.ReadInt64BigEndian(moof[(content + VersionAndFlags)..]),
                    };
                    break;
                case TrackRun:
                    fragment = fragment.WithRun(moof[content..], defaults);
                    break;
            }

            // What stands in a traf is read next; every other box is passed over whole.
            offset = box.Type == TrackFragment ? content : offset + (int)box.Length;
        }

        return fragment is { NumberOffset: > 0, StartOffset: > 0, Frames: > 0 }
            ? fragment
            : throw new InvalidDataException("A moof box lacks its number, its time or its frames.");
    }

    private MovieFragment WithRun(ReadOnlySpan<byte> run, TrackDefaults defaults)
    {
        uint flags = BinaryPrimitives.ReadUInt32BigEndian(run) & 0xFFFFFF;
        int count = BinaryPrimitives.ReadInt32BigEndian(run[VersionAndFlags..]);
        int offset = VersionAndFlags + sizeof(int) + (sizeof(int) * (int)(flags & 1));
        uint first = defaults.FrameFlags;
        if ((flags & 0x4) != 0)
        {
            first = BinaryPrimitives.ReadUInt32BigEndian(run[offset..]);
            offset += sizeof(uint);
        }

        // Of each frame: duration, size, flags, shift of its showing; each only where its bit is set.
        int entry = sizeof(uint) * System.Numerics.BitOperations.PopCount(flags & 0xF00);
        bool hasDurations = (flags & 0x100) != 0;
        if ((flags & 0x400) != 0 && count > 0)
        {
            int before = sizeof(uint) * System.Numerics.BitOperations.PopCount(flags & 0x300);
            first = BinaryPrimitives.ReadUInt32BigEndian(run[(offset + before)..]);
        }

        long duration = hasDurations ? 0 : count * (long)defaults.FrameDuration;
        for (int i = 0; hasDurations && i < count; i++)
        {
            duration += BinaryPrimitives.ReadUInt32BigEndian(run[(offset + (i * entry))..]);
        }

        return this with
        {
            Frames = Frames + count,
            Duration = Duration + duration,
            StartsWithKeyFrame = Frames == 0 ? (first & IsNoKeyFrame) == 0 : StartsWithKeyFrame,
        };
    }

    /// <summary>What a tfhd box says of all frames.</summary>
    /// <param name="FrameDuration">In ticks.</param>
    /// <param name="FrameFlags">Its flags.</param>
    private readonly record struct TrackDefaults(uint FrameDuration, uint FrameFlags)
    {
        public static TrackDefaults Parse(ReadOnlySpan<byte> header)
        {
            uint flags = BinaryPrimitives.ReadUInt32BigEndian(header) & 0xFFFFFF;
            int offset = VersionAndFlags + sizeof(uint); // the track's number
            offset += (flags & 0x1) != 0 ? sizeof(ulong) : 0; // where the data begins
            offset += (flags & 0x2) != 0 ? sizeof(uint) : 0; // the sample description
            uint duration = Take(header, flags & 0x8, ref offset);
            _ = Take(header, flags & 0x10, ref offset); // the size
            return new TrackDefaults(duration, Take(header, flags & 0x20, ref offset));
        }

        private static uint Take(ReadOnlySpan<byte> header, uint isThere, ref int offset)
        {
            if (isThere == 0)
            {
                return 0;
            }

            offset += sizeof(uint);
            return BinaryPrimitives.ReadUInt32BigEndian(header[(offset - sizeof(uint))..]);
        }
    }
}
