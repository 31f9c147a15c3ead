using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pipeline.Inference;

/// <summary>4 lanes: a vector of 128 bits.</summary>
internal readonly struct Words4(Vector128<int> value) : IWords<Words4>
{
    private readonly Vector128<int> _value = value;

    public static int Count => 4;

    /// <summary>The lanes.</summary>
    public Vector128<int> Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _value;
    }

    private Vector128<float> Singles
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _value.AsSingle();
    }

    // The four lanes twice; whoever stores takes the lower half.
    private Vector128<ushort> Halves
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Narrow(_value.AsUInt32(), _value.AsUInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 operator &(Words4 left, Words4 right) => new(left._value & right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 operator |(Words4 left, Words4 right) => new(left._value | right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 operator <<(Words4 value, int count) => new(value._value << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 operator >>>(Words4 value, int count) => new(value._value >>> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 operator +(Words4 left, Words4 right) => new((left.Singles + right.Singles).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 operator -(Words4 left, Words4 right) => new((left.Singles - right.Singles).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 operator *(Words4 left, Words4 right) => new((left.Singles * right.Singles).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 All(int value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 All(float value) => new(Vector128.Create(value).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 Load(ref readonly int first) => new(Vector128.LoadUnsafe(in first));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 Load(ref readonly float first) => new(Vector128.LoadUnsafe(in first).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 LoadWide(ref readonly ushort first)
    {
        Vector64<ushort> halves = Vector64.LoadUnsafe(in first);
        return new Words4(Vector128.WidenLower(halves.ToVector128()).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes<Words4> LoadPairs(ref readonly ulong first)
    {
        // Lower halves of the pairs hold B G R of the left pixel and B of the right one; upper halves its G and R.
        Vector128<ulong> left = Vector128.LoadUnsafe(in first);
        Vector128<ulong> right = Vector128.LoadUnsafe(in first, 2);
        Vector128<byte> head;
        Vector128<byte> tail;
        if (Sse.IsSupported)
        {
            head = Sse.Shuffle(left.AsSingle(), right.AsSingle(), 0b10_00_10_00).AsByte();
            tail = Sse.Shuffle(left.AsSingle(), right.AsSingle(), 0b11_01_11_01).AsByte();
        }
        else
        {
            head = Vector128.Narrow(left, right).AsByte();
            tail = Vector128.Narrow(left >>> 32, right >>> 32).AsByte();
        }

        return new PairLanes<Words4>(
            new Words4(Bytes(head, 0x80_03_80_00).AsInt32()),
            new Words4((Bytes(head, 0x80_80_80_01) | Bytes(tail, 0x80_00_80_80)).AsInt32()),
            new Words4((Bytes(head, 0x80_80_80_02) | Bytes(tail, 0x80_01_80_80)).AsInt32()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 AddIntegers(Words4 left, Words4 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 SubtractIntegers(Words4 left, Words4 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 MultiplyAddPairs(Words4 left, Words4 right) => Sse2.IsSupported
        ? new(Sse2.MultiplyAddAdjacent(left._value.AsInt16(), right._value.AsInt16()))
        : new(
            (((left._value << 16) >> 16) * ((right._value << 16) >> 16))
            + ((left._value >> 16) * (right._value >> 16)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 MultiplyHigh(Words4 left, Words4 right) => Sse2.IsSupported
        ? new(Sse2.MultiplyHigh(left._value.AsInt16(), right._value.AsInt16()).AsInt32())
        : new((left._value * right._value) >>> 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 IntegersGreater(Words4 left, Words4 right) =>
        new(Vector128.GreaterThan(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 Select(Words4 mask, Words4 then, Words4 otherwise) =>
        new(Vector128.ConditionalSelect(mask._value, then._value, otherwise._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Words4 ToSingles() => new(Vector128.ConvertToSingle(_value).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref float first) => Singles.StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref ushort first) => Halves.GetLower().StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref byte first)
    {
        uint bytes = Vector128.Narrow(Halves, Halves).AsUInt32().ToScalar();
        Unsafe.WriteUnaligned(ref first, bytes);
    }

    // The pattern says for the four bytes of a lane which byte of the lane each becomes; 80 gives zero. It is the first
    // lane's, and each further lane has its positions four on.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Bytes(Vector128<byte> words, uint pattern) =>
        Vector128.Shuffle(words, Vector128.CreateSequence(pattern, 0x04_04_04_04u).AsByte());
}
