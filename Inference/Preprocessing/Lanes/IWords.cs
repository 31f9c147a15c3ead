namespace Pipeline.Inference;

/// <summary>
/// A vector of 32-bit lanes, each an integer or a single, as the operation at hand reads it. Kernels are written once,
/// over this interface, and the runtime compiles them for 16, 8 and 4 lanes and for one.
/// </summary>
/// <remarks>
/// Every member is a single operation, lane by lane, that rounds as IEEE 754 says, so that a kernel gives the same bits
/// at every width. A fused multiply-add would round differently, and small processors of today have none; it is not
/// offered.
/// </remarks>
/// <typeparam name="TSelf">The implementing struct.</typeparam>
internal unsafe interface IWords<TSelf>
    where TSelf : struct, IWords<TSelf>
{
    /// <summary>Lanes in the vector.</summary>
    static abstract int Count { get; }

    /// <summary>The same integer in all lanes.</summary>
    static abstract TSelf All(int value);

    /// <summary>The same single in all lanes.</summary>
    static abstract TSelf All(float value);

    /// <summary>Reads Count integers.</summary>
    static abstract TSelf Load(ref readonly int first);

    /// <summary>Reads Count singles.</summary>
    static abstract TSelf Load(ref readonly float first);

    /// <summary>
    /// Reads Count pairs of neighbouring pixels and parts their colours: at each place six bytes, blue, green, red
    /// twice, and two more that are not looked at.
    /// </summary>
    /// <param name="row">A row of pixels.</param>
    /// <param name="offsets">For each pair how many bytes from there its left pixel is.</param>
    static abstract PairLanes<TSelf> LoadPairs(byte* row, uint* offsets);

    /// <summary>Reads Count 16-bit values into the lower halves of the lanes.</summary>
    static abstract TSelf LoadWide(ref readonly ushort first);

    /// <summary>Writes Count singles.</summary>
    void Store(ref float first);

    /// <summary>Writes the lower 16 bits of each lane.</summary>
    void Store(ref ushort first);

    /// <summary>Writes the lower 8 bits of each lane.</summary>
    void Store(ref byte first);

    /// <summary>Bits that are set in both.</summary>
    static abstract TSelf operator &(TSelf left, TSelf right);

    /// <summary>Bits that are set in either.</summary>
    static abstract TSelf operator |(TSelf left, TSelf right);

    /// <summary>Shifts each lane's bits left.</summary>
    static abstract TSelf operator <<(TSelf value, int count);

    /// <summary>Shifts each lane's bits right, zeros coming in.</summary>
    static abstract TSelf operator >>>(TSelf value, int count);

    /// <summary>Adds singles.</summary>
    static abstract TSelf operator +(TSelf left, TSelf right);

    /// <summary>Subtracts singles.</summary>
    static abstract TSelf operator -(TSelf left, TSelf right);

    /// <summary>Multiplies singles.</summary>
    static abstract TSelf operator *(TSelf left, TSelf right);

    /// <summary>Adds integers.</summary>
    static abstract TSelf AddIntegers(TSelf left, TSelf right);

    /// <summary>Subtracts integers.</summary>
    static abstract TSelf SubtractIntegers(TSelf left, TSelf right);

    /// <summary>
    /// Reads each lane as two signed 16-bit integers, multiplies lower with lower and upper with upper, and adds the
    /// two products.
    /// </summary>
    static abstract TSelf MultiplyAddPairs(TSelf left, TSelf right);

    /// <summary>Multiplies integers of 0 to 32767 and shifts the product right by 16.</summary>
    static abstract TSelf MultiplyHigh(TSelf left, TSelf right);

    /// <summary>Where the integer left &gt; right, all bits; elsewhere none.</summary>
    static abstract TSelf IntegersGreater(TSelf left, TSelf right);

    /// <summary>
    /// Where a bit of the mask is set, the bit of <paramref name="then"/>; elsewhere that of <paramref
    /// name="otherwise"/>.
    /// </summary>
    static abstract TSelf Select(TSelf mask, TSelf then, TSelf otherwise);

    /// <summary>Integers as singles; exact below 2²⁴.</summary>
    TSelf ToSingles();
}
