using System.Buffers;
using System.Buffers.Binary;

namespace Pipeline.Render.Tests.Recording;

/// <summary>
/// Fragments as an encoder gives them, but made here and without pictures, so that a test chooses their times, classes and
/// sizes: half a second each, a key frame every two seconds. It holds one lease of each until it is disposed.
/// </summary>
internal sealed class MadeFragments : IDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private const int PerSecond = 2;
    private const int PerKeyFrame = 4;

    private readonly List<EncodedFragment> _made = [];

    /// <summary>How many times as fast as they play they were captured: a file is read as fast as it goes.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>What stands before them in a file.</summary>
    public InitSegment Init { get; init; } = new([0, 0, 0, 8, (byte)'m', (byte)'o', (byte)'o', (byte)'v']);

    /// <summary>Makes the fragments of some seconds of the recording clock, the first of which was captured at noon.</summary>
    /// <param name="from">First second, even.</param>
    /// <param name="to">First second that is not there any more.</param>
    /// <param name="bytes">Bytes of pictures in each.</param>
    /// <param name="seen">Class ids by the second in which they are seen.</param>
    public EncodedFragment[] Make(int from, int to, int bytes = 100, params (int Second, int ClassId)[] seen)
    {
        EncodedFragment[] fragments =
        [
            .. Enumerable.Range(from * PerSecond, (to - from) * PerSecond)
                .Select(i => Make(i, bytes, seen.Where(s => s.Second == i / PerSecond).Select(s => s.ClassId))),
        ];
        _made.AddRange(fragments);
        return fragments;
    }

    public void Dispose() => _made.ForEach(fragment => fragment.Release());

    private EncodedFragment Make(int number, int bytes, IEnumerable<int> ids)
    {
        const int ticks = MovieFragment.TicksPerSecond / PerSecond;
        byte[] moof = Moof((uint)number + 1, (ulong)number * ticks, ticks, isKeyFrame: number % PerKeyFrame == 0);
        byte[] mdat = Box("mdat", new byte[bytes]);
        byte[] rented = ArrayPool<byte>.Shared.Rent(moof.Length + mdat.Length);
        moof.CopyTo(rented, 0);
        mdat.CopyTo(rented, moof.Length);
        var classes = new ClassSet();
        foreach (int id in ids)
        {
            classes.Add(id);
        }

        var raw = new RawFragment(rented, moof.Length + mdat.Length, MovieFragment.Parse(moof), moof.Length);
        return new EncodedFragment(raw, Init, number, startTicks: 0, Noon.AddSeconds(number / (PerSecond * Speed)), classes);
    }

    /// <summary>A moof box with one frame, as ISO/IEC 14496-12 describes it.</summary>
    private static byte[] Moof(uint number, ulong start, uint duration, bool isKeyFrame)
    {
        byte[] head = Box("mfhd", [.. Number(0), .. Number(number)]);
        byte[] track = Box("tfhd", [.. Number(0x020020), .. Number(1), .. Number(isKeyFrame ? 0x02000000u : 0x01010000u)]);
        byte[] time = Box("tfdt", [.. Number(0x01000000), .. Number((uint)(start >> 32)), .. Number((uint)start)]);
        byte[] run = Box("trun", [.. Number(0x000101), .. Number(1), .. Number(0), .. Number(duration)]);
        return Box("moof", [.. head, .. Box("traf", [.. track, .. time, .. run])]);
    }

    private static byte[] Box(string type, byte[] content) =>
        [.. Number((uint)(Mp4Box.HeadLength + content.Length)), .. System.Text.Encoding.ASCII.GetBytes(type), .. content];

    private static byte[] Number(uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
