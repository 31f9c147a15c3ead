using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pipeline.Inference;

/// <summary>
/// The arithmetic of an output row: along both source rows, between them, and grey·scale + offset, in one pass from
/// bytes to three rows of values.
/// </summary>
/// <typeparam name="T">The vectors; every width gives the same bits.</typeparam>
/// <typeparam name="TRows">Where the pixels come from.</typeparam>
internal static class BilinearKernel<T, TRows>
    where T : struct, IWords<T>
    where TRows : struct, IPairRows<T>
{
    /// <summary>As 16-bit weights of a pair: right − left, exactly.</summary>
    private const int Difference = 0x0001_FFFF;

    /// <summary>Makes a row in single precision: low + (high − low)·weight, along the rows first.</summary>
    /// <param name="rows">The pixels.</param>
    /// <param name="weights">The right pixels' weights by column, a vector's length more than the row has.</param>
    /// <param name="weight">The lower row's weight, 0 to 1.</param>
    /// <param name="target">Where the values go, and how they are normalised.</param>
    /// <param name="first">The first value's place in each plane; whole vectors are written from there on.</param>
    public static void Interpolate(in TRows rows, float[] weights, float weight, in PlanarTarget target, int first)
    {
        int reach = Reach(rows, weights);
        ref float columnWeight = ref MemoryMarshal.GetArrayDataReference(weights);
        ref float blue = ref MemoryMarshal.GetReference(target.Blue(first, reach));
        ref float green = ref MemoryMarshal.GetReference(target.Green(first, reach));
        ref float red = ref MemoryMarshal.GetReference(target.Red(first, reach));
        T rowWeight = T.All(weight);
        (T blueScale, T blueOffset) = (T.All(target.Scale.First), T.All(target.Offset.First));
        (T greenScale, T greenOffset) = (T.All(target.Scale.Second), T.All(target.Offset.Second));
        (T redScale, T redOffset) = (T.All(target.Scale.Third), T.All(target.Offset.Third));
        for (nint step = 0; step < rows.Steps; step++)
        {
            rows.Load(step, out PairLanes<T> upper, out PairLanes<T> lower);
            nint column = rows.Column(step);
            T share = T.Load(ref Unsafe.Add(ref columnWeight, column));
            T grey = Mix(upper.Blue, lower.Blue, share, rowWeight);
            ((grey * blueScale) + blueOffset).Store(ref Unsafe.Add(ref blue, column));
            grey = Mix(upper.Green, lower.Green, share, rowWeight);
            ((grey * greenScale) + greenOffset).Store(ref Unsafe.Add(ref green, column));
            grey = Mix(upper.Red, lower.Red, share, rowWeight);
            ((grey * redScale) + redOffset).Store(ref Unsafe.Add(ref red, column));
        }
    }

    /// <summary>
    /// Makes a row as OpenCV does: 11-bit weights, sums cut to 15 bits, the result rounded to whole grey levels.
    /// </summary>
    /// <param name="rows">The pixels.</param>
    /// <param name="weights">
    /// By column the left pixel's weight in 1/2048 in the lower 16 bits, the right one's in the upper; a vector's
    /// length more than the row has.
    /// </param>
    /// <param name="weight">The upper and the lower row's weight in the same way.</param>
    /// <param name="target">Where the values go, and how they are normalised.</param>
    /// <param name="first">The first value's place in each plane; whole vectors are written from there on.</param>
    public static void InterpolateFixed(in TRows rows, int[] weights, int weight, in PlanarTarget target, int first)
    {
        int reach = Reach(rows, weights);
        ref int columnWeights = ref MemoryMarshal.GetArrayDataReference(weights);
        ref float blue = ref MemoryMarshal.GetReference(target.Blue(first, reach));
        ref float green = ref MemoryMarshal.GetReference(target.Green(first, reach));
        ref float red = ref MemoryMarshal.GetReference(target.Red(first, reach));
        T upperShare = T.All(weight & 0xFFFF);
        T lowerShare = T.All(weight >>> 16);
        (T blueScale, T blueOffset) = (T.All(target.Scale.First), T.All(target.Offset.First));
        (T greenScale, T greenOffset) = (T.All(target.Scale.Second), T.All(target.Offset.Second));
        (T redScale, T redOffset) = (T.All(target.Scale.Third), T.All(target.Offset.Third));
        for (nint step = 0; step < rows.Steps; step++)
        {
            rows.Load(step, out PairLanes<T> upper, out PairLanes<T> lower);
            nint column = rows.Column(step);
            T shares = T.Load(ref Unsafe.Add(ref columnWeights, column));
            T grey = MixFixed(upper.Blue, upperShare, lower.Blue, lowerShare, shares);
            ((grey * blueScale) + blueOffset).Store(ref Unsafe.Add(ref blue, column));
            grey = MixFixed(upper.Green, upperShare, lower.Green, lowerShare, shares);
            ((grey * greenScale) + greenOffset).Store(ref Unsafe.Add(ref green, column));
            grey = MixFixed(upper.Red, upperShare, lower.Red, lowerShare, shares);
            ((grey * redScale) + redOffset).Store(ref Unsafe.Add(ref red, column));
        }
    }

    // How many values of a row are read and written. It is checked here against the weights, and by the planes against
    // themselves, once a row; so no vector of the loops can leave its array.
    private static int Reach<TWeight>(in TRows rows, TWeight[] weights) =>
        weights.AsSpan(0, (int)(rows.Column(rows.Steps - 1) + T.Count)).Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Mix(T upper, T lower, T share, T rowShare)
    {
        T top = AlongRow(upper, share);
        return top + ((AlongRow(lower, share) - top) * rowShare);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T AlongRow(T pairs, T share) =>
        (pairs & T.All(0xFFFF)).ToSingles() + (T.MultiplyAddPairs(pairs, T.All(Difference)).ToSingles() * share);

    // Each row's product loses its lower 16 bits on its own; that is how OpenCV's 16-bit multiplication goes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T MixFixed(T upper, T upperShare, T lower, T lowerShare, T shares)
    {
        T top = T.MultiplyHigh(T.MultiplyAddPairs(upper, shares) >>> 4, upperShare);
        T bottom = T.MultiplyHigh(T.MultiplyAddPairs(lower, shares) >>> 4, lowerShare);
        return (T.AddIntegers(T.AddIntegers(top, bottom), T.All(2)) >>> 2).ToSingles();
    }
}
