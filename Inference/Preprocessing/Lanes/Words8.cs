using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pipeline.Inference;

/// <summary>8 lanes: a vector of 256 bits.</summary>
internal readonly struct Words8(Vector256<int> value) : IWords<Words8>
{
    private readonly Vector256<int> _value = value;

    public static int Count => 8;

    /// <summary>The lanes.</summary>
    public Vector256<int> Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _value;
    }

    private Words4 Lower
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_value.GetLower());
    }

    private Words4 Upper
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_value.GetUpper());
    }

    private Vector256<float> Singles
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _value.AsSingle();
    }

    private Vector128<ushort> Halves
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Narrow(_value.AsUInt32().GetLower(), _value.AsUInt32().GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 operator &(Words8 left, Words8 right) => new(left._value & right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 operator |(Words8 left, Words8 right) => new(left._value | right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 operator <<(Words8 value, int count) => new(value._value << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 operator >>>(Words8 value, int count) => new(value._value >>> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 operator +(Words8 left, Words8 right) => new((left.Singles + right.Singles).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 operator -(Words8 left, Words8 right) => new((left.Singles - right.Singles).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 operator *(Words8 left, Words8 right) => new((left.Singles * right.Singles).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 All(int value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 All(float value) => new(Vector256.Create(value).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 Load(ref readonly int first) => new(Vector256.LoadUnsafe(in first));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 Load(ref readonly float first) => new(Vector256.LoadUnsafe(in first).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 LoadWide(ref readonly ushort first)
    {
        (Vector128<uint> lower, Vector128<uint> upper) = Vector128.Widen(Vector128.LoadUnsafe(in first));
        return new Words8(Vector256.Create(lower, upper).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes<Words8> LoadPairs(ref readonly ulong first)
    {
        if (Avx2.IsSupported)
        {
            // Lower halves of the pairs hold B G R of the left pixel and B of the right one; upper halves its G and R.
            // Shuffled within each 128 bits first, the 64-bit lanes then stand 0, 2, 1, 3.
            Vector256<float> left = Vector256.LoadUnsafe(in first).AsSingle();
            Vector256<float> right = Vector256.LoadUnsafe(in first, 4).AsSingle();
            Vector256<byte> head =
                Avx2.Permute4x64(Avx.Shuffle(left, right, 0b10_00_10_00).AsInt64(), 0b11_01_10_00).AsByte();
            Vector256<byte> tail =
                Avx2.Permute4x64(Avx.Shuffle(left, right, 0b11_01_11_01).AsInt64(), 0b11_01_10_00).AsByte();
            return new PairLanes<Words8>(
                new Words8(Bytes(head, 0x80_03_80_00).AsInt32()),
                new Words8((Bytes(head, 0x80_80_80_01) | Bytes(tail, 0x80_00_80_80)).AsInt32()),
                new Words8((Bytes(head, 0x80_80_80_02) | Bytes(tail, 0x80_01_80_80)).AsInt32()));
        }

        PairLanes<Words4> lower = Words4.LoadPairs(in first);
        PairLanes<Words4> upper = Words4.LoadPairs(in Unsafe.Add(ref Unsafe.AsRef(in first), 4));
        return new PairLanes<Words8>(
            Both(lower.Blue, upper.Blue), Both(lower.Green, upper.Green), Both(lower.Red, upper.Red));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 AddIntegers(Words8 left, Words8 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 SubtractIntegers(Words8 left, Words8 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 MultiplyAddPairs(Words8 left, Words8 right) => Avx2.IsSupported
        ? new(Avx2.MultiplyAddAdjacent(left._value.AsInt16(), right._value.AsInt16()))
        : Both(
            Words4.MultiplyAddPairs(left.Lower, right.Lower), Words4.MultiplyAddPairs(left.Upper, right.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 MultiplyHigh(Words8 left, Words8 right) => Avx2.IsSupported
        ? new(Avx2.MultiplyHigh(left._value.AsInt16(), right._value.AsInt16()).AsInt32())
        : new((left._value * right._value) >>> 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 IntegersGreater(Words8 left, Words8 right) =>
        new(Vector256.GreaterThan(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 Select(Words8 mask, Words8 then, Words8 otherwise) =>
        new(Vector256.ConditionalSelect(mask._value, then._value, otherwise._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Words8 ToSingles() => new(Vector256.ConvertToSingle(_value).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref float first) => Singles.StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref ushort first) => Halves.StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref byte first)
    {
        Vector64<byte> bytes = Vector128.Narrow(Halves, Halves).GetLower();
        bytes.StoreUnsafe(ref first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Words8 Both(Words4 lower, Words4 upper) => new(Vector256.Create(lower.Value, upper.Value));

    // The pattern says for the four bytes of a lane which byte of the lane each becomes; 80 gives zero. It is the first
    // lane's, and each lane of 128 bits has its positions four further on.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Bytes(Vector256<byte> words, uint pattern)
    {
        Vector128<byte> positions = Vector128.CreateSequence(pattern, 0x04_04_04_04u).AsByte();
        return Avx2.Shuffle(words, Vector256.Create(positions, positions));
    }
}
