using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pipeline.Inference;

/// <summary>4 lanes: a vector of 128 bits.</summary>
internal readonly unsafe struct Words4(Vector128<int> value) : IWords<Words4>
{
    private readonly Vector128<int> _value = value;

    public static int Count => 4;

    /// <summary>
    /// Shuffles each of two pairs of pixels, B G R B G R in 8 bytes, so that both blues stand in the lower 32 bits and
    /// both greens in the upper, with zeros (80) between: a lane of <see cref="PairLanes{T}"/> each.
    /// </summary>
    public static Vector128<byte> BlueGreen
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.CreateSequence<ulong>(0x80_04_80_01_80_03_80_00, 0x08_08_08_08_08_08_08_08).AsByte();
    }

    /// <summary>The same with both reds in either half.</summary>
    public static Vector128<byte> RedTwice
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.CreateSequence<ulong>(0x80_05_80_02_80_05_80_02, 0x08_08_08_08_08_08_08_08).AsByte();
    }

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
    public static PairLanes<Words4> LoadPairs(byte* row, uint* offsets)
    {
        Vector128<byte> left = Two(row + offsets[0], row + offsets[1]);
        Vector128<byte> right = Two(row + offsets[2], row + offsets[3]);
        Vector128<byte> leftBlueGreen = Vector128.Shuffle(left, BlueGreen);
        Vector128<byte> rightBlueGreen = Vector128.Shuffle(right, BlueGreen);
        Vector128<byte> leftRed = Vector128.Shuffle(left, RedTwice);
        Vector128<byte> rightRed = Vector128.Shuffle(right, RedTwice);
        return new PairLanes<Words4>(
            Even(leftBlueGreen, rightBlueGreen), Odd(leftBlueGreen, rightBlueGreen), Even(leftRed, rightRed));
    }

    /// <summary>Eight bytes from one place and eight from another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Two(byte* first, byte* second) => Sse2.IsSupported
        ? Sse2.LoadHigh(Sse2.LoadScalarVector128((double*)first), (double*)second).AsByte()
        : Vector128.Create(Unsafe.ReadUnaligned<ulong>(first), Unsafe.ReadUnaligned<ulong>(second)).AsByte();

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

    // The lanes with even numbers of two vectors.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Words4 Even(Vector128<byte> left, Vector128<byte> right) => new(Sse.IsSupported
        ? Sse.Shuffle(left.AsSingle(), right.AsSingle(), 0b10_00_10_00).AsInt32()
        : Vector128.Narrow(left.AsInt64(), right.AsInt64()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Words4 Odd(Vector128<byte> left, Vector128<byte> right) => new(Sse.IsSupported
        ? Sse.Shuffle(left.AsSingle(), right.AsSingle(), 0b11_01_11_01).AsInt32()
        : Vector128.Narrow(left.AsInt64() >> 32, right.AsInt64() >> 32));
}
