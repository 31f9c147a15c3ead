using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pipeline.Inference;

/// <summary>8 lanes: a vector of 256 bits.</summary>
internal readonly unsafe struct Words8(Vector256<int> value) : IWords<Words8>
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
    public static PairLanes<Words8> LoadPairs(byte* row, uint* offsets)
    {
        if (Avx2.IsSupported)
        {
            // Pairs 0 1 4 5 and 2 3 6 7: parting works within 128 bits, and leaves them in order so.
            Vector256<byte> left = Four(row, offsets[0], offsets[1], offsets[4], offsets[5]);
            Vector256<byte> right = Four(row, offsets[2], offsets[3], offsets[6], offsets[7]);
            Vector256<byte> blueGreen = Vector256.Create(Words4.BlueGreen, Words4.BlueGreen);
            Vector256<byte> red = Vector256.Create(Words4.RedTwice, Words4.RedTwice);
            Vector256<float> leftBlueGreen = Avx2.Shuffle(left, blueGreen).AsSingle();
            Vector256<float> rightBlueGreen = Avx2.Shuffle(right, blueGreen).AsSingle();
            Vector256<float> leftRed = Avx2.Shuffle(left, red).AsSingle();
            Vector256<float> rightRed = Avx2.Shuffle(right, red).AsSingle();
            return new PairLanes<Words8>(
                new Words8(Avx.Shuffle(leftBlueGreen, rightBlueGreen, 0b10_00_10_00).AsInt32()),
                new Words8(Avx.Shuffle(leftBlueGreen, rightBlueGreen, 0b11_01_11_01).AsInt32()),
                new Words8(Avx.Shuffle(leftRed, rightRed, 0b10_00_10_00).AsInt32()));
        }

        PairLanes<Words4> lower = Words4.LoadPairs(row, offsets);
        PairLanes<Words4> upper = Words4.LoadPairs(row, offsets + 4);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Four(byte* row, uint first, uint second, uint third, uint fourth) =>
        Vector256.Create(Words4.Two(row + first, row + second), Words4.Two(row + third, row + fourth));
}
