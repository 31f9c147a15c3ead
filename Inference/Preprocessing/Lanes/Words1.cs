using System.Runtime.CompilerServices;

namespace Pipeline.Inference;

/// <summary>One lane: plain arithmetic, for machines without vectors and to check the vectors against.</summary>
internal readonly unsafe struct Words1(int value) : IWords<Words1>
{
    private readonly int _value = value;

    public static int Count => 1;

    private float Single
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BitConverter.Int32BitsToSingle(_value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 operator &(Words1 left, Words1 right) => new(left._value & right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 operator |(Words1 left, Words1 right) => new(left._value | right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 operator <<(Words1 value, int count) => new(value._value << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 operator >>>(Words1 value, int count) => new(value._value >>> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 operator +(Words1 left, Words1 right) => All(left.Single + right.Single);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 operator -(Words1 left, Words1 right) => All(left.Single - right.Single);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 operator *(Words1 left, Words1 right) => All(left.Single * right.Single);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 All(int value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 All(float value) => new(BitConverter.SingleToInt32Bits(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 Load(ref readonly int first) => new(first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 Load(ref readonly float first) => All(first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 LoadWide(ref readonly ushort first) => new(first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairLanes<Words1> LoadPairs(byte* row, uint* offsets)
    {
        ulong pair = Unsafe.ReadUnaligned<ulong>(row + *offsets);
        return new PairLanes<Words1>(Pair(pair), Pair(pair >>> 8), Pair(pair >>> 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 AddIntegers(Words1 left, Words1 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 SubtractIntegers(Words1 left, Words1 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 MultiplyAddPairs(Words1 left, Words1 right) =>
        new(((short)left._value * (short)right._value) + ((left._value >> 16) * (right._value >> 16)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 MultiplyHigh(Words1 left, Words1 right) => new((left._value * right._value) >>> 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 IntegersGreater(Words1 left, Words1 right) => new(left._value > right._value ? -1 : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words1 Select(Words1 mask, Words1 then, Words1 otherwise) =>
        new((mask._value & then._value) | (~mask._value & otherwise._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Words1 ToSingles() => All((float)_value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref float first) => first = Single;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref ushort first) => first = (ushort)_value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref byte first) => first = (byte)_value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Words1 Pair(ulong bytes) => new((int)(bytes & 0xFF) | ((int)((bytes >>> 24) & 0xFF) << 16));
}
