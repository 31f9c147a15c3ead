using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pipeline.Inference;

/// <summary>16 lanes: a vector of 512 bits.</summary>
internal readonly unsafe struct Words16(Vector512<int> value) : IWords<Words16>
{
    private readonly Vector512<int> _value = value;

    public static int Count => 16;

    private Words8 Lower
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_value.GetLower());
    }

    private Words8 Upper
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_value.GetUpper());
    }

    private Vector512<float> Singles
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _value.AsSingle();
    }

    private Vector256<ushort> Halves
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Narrow(_value.AsUInt32().GetLower(), _value.AsUInt32().GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 operator &(Words16 left, Words16 right) => new(left._value & right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 operator |(Words16 left, Words16 right) => new(left._value | right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 operator <<(Words16 value, int count) => new(value._value << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 operator >>>(Words16 value, int count) => new(value._value >>> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 operator +(Words16 left, Words16 right) => new((left.Singles + right.Singles).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 operator -(Words16 left, Words16 right) => new((left.Singles - right.Singles).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 operator *(Words16 left, Words16 right) => new((left.Singles * right.Singles).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 All(int value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 All(float value) => new(Vector512.Create(value).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 Load(ref readonly int first) => new(Vector512.LoadUnsafe(in first));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 Load(ref readonly float first) => new(Vector512.LoadUnsafe(in first).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 LoadWide(ref readonly ushort first)
    {
        (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.LoadUnsafe(in first));
        return new Words16(Vector512.Create(lower, upper).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes<Words16> LoadPairs(byte* row, uint* offsets)
    {
        PairLanes<Words8> lower = Words8.LoadPairs(row, offsets);
        PairLanes<Words8> upper = Words8.LoadPairs(row, offsets + 8);
        return new PairLanes<Words16>(
            Both(lower.Blue, upper.Blue), Both(lower.Green, upper.Green), Both(lower.Red, upper.Red));
    }

    /// <summary>Picks 16 pixel pairs out of two vectors and parts their colours.</summary>
    /// <param name="left">
    /// 8 pairs of 8 bytes: blue and green of the left pixel, of the right pixel, red of the left pixel and any byte, red
    /// of the right pixel and any byte.
    /// </param>
    /// <param name="right">8 more.</param>
    /// <param name="blueGreen">
    /// For each lane which 32 bits of both vectors, counted from 0 to 31, are its pair's blue and green; the reds follow
    /// it.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes<Words16> PickPairs(
        Vector512<byte> left, Vector512<byte> right, Vector512<uint> blueGreen)
    {
        // Blue and green move together: a mask and a shift part them, and unlike shuffles these don't wait for the one
        // unit that shuffles on Intel.
        Vector512<uint> both = Avx512F.PermuteVar16x32x2(left.AsUInt32(), blueGreen, right.AsUInt32());
        Vector512<uint> reds = Avx512F.PermuteVar16x32x2(
            left.AsUInt32(), blueGreen + Vector512<uint>.One, right.AsUInt32());
        Vector512<uint> mask = Vector512.Create(0x00FF_00FFu);
        return new PairLanes<Words16>(
            new Words16((both & mask).AsInt32()),
            new Words16((both.AsUInt16() >>> 8).AsInt32()),
            new Words16((reds & mask).AsInt32()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 AddIntegers(Words16 left, Words16 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 SubtractIntegers(Words16 left, Words16 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 MultiplyAddPairs(Words16 left, Words16 right) => Avx512BW.IsSupported
        ? new(Avx512BW.MultiplyAddAdjacent(left._value.AsInt16(), right._value.AsInt16()))
        : Both(
            Words8.MultiplyAddPairs(left.Lower, right.Lower), Words8.MultiplyAddPairs(left.Upper, right.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 MultiplyHigh(Words16 left, Words16 right) => Avx512BW.IsSupported
        ? new(Avx512BW.MultiplyHigh(left._value.AsInt16(), right._value.AsInt16()).AsInt32())
        : new((left._value * right._value) >>> 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 IntegersGreater(Words16 left, Words16 right) =>
        new(Vector512.GreaterThan(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 Select(Words16 mask, Words16 then, Words16 otherwise) =>
        new(Vector512.ConditionalSelect(mask._value, then._value, otherwise._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Words16 ToSingles() => new(Vector512.ConvertToSingle(_value).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref float first) => Singles.StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref ushort first) => Halves.StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref byte first)
    {
        Vector128.Narrow(Halves.GetLower(), Halves.GetUpper()).StoreUnsafe(ref first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Words16 Both(Words8 lower, Words8 upper) => new(Vector512.Create(lower.Value, upper.Value));
}
