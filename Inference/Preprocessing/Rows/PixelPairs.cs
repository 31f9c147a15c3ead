using System.Runtime.CompilerServices;

namespace Pipeline.Inference;

/// <summary>
/// The two neighbouring pixels of every output column, collected from one source row: six bytes that lie together, read
/// as eight. The arithmetic then works on memory without gaps, and the gaps cost one load and one store a column.
/// </summary>
internal sealed unsafe class PixelPairs
{
    /// <summary>Room for a row.</summary>
    /// <param name="capacity">The most output columns.</param>
    public PixelPairs(int capacity) => Pairs = new ulong[AxisSamples.Padded(capacity)];

    /// <summary>
    /// For each column the lower neighbour's blue, green, red and the upper one's, from the lowest byte on; the upper
    /// two bytes are anything.
    /// </summary>
    public ulong[] Pairs { get; }

    /// <summary>The source row that was collected; −1 for none.</summary>
    public int Row { get; set; } = -1;

    /// <summary>Collects a row's pairs.</summary>
    /// <param name="source">The row: blue, green, red interleaved.</param>
    /// <param name="columns">The samples along the row, neighbours adjacent.</param>
    public void Collect(byte* source, AxisSamples columns)
    {
        int early = columns.EarlyLength;
        fixed (uint* offsets = columns.ByteOffset)
        {
            fixed (ulong* pairs = Pairs)
            {
                // Four at a time, in unsigned arithmetic: three instructions a column are left.
                nuint i = 0;
                for (; i + 4 <= (nuint)early; i += 4)
                {
                    pairs[i] = Unsafe.ReadUnaligned<ulong>(source + offsets[i]);
                    pairs[i + 1] = Unsafe.ReadUnaligned<ulong>(source + offsets[i + 1]);
                    pairs[i + 2] = Unsafe.ReadUnaligned<ulong>(source + offsets[i + 2]);
                    pairs[i + 3] = Unsafe.ReadUnaligned<ulong>(source + offsets[i + 3]);
                }

                for (; i < (nuint)early; i++)
                {
                    pairs[i] = Unsafe.ReadUnaligned<ulong>(source + offsets[i]);
                }
            }
        }

        FillLast(source, columns);
    }

    /// <summary>Collects two rows' pairs at once: the positions are read once for both.</summary>
    /// <param name="upperSource">The upper row: blue, green, red interleaved.</param>
    /// <param name="upper">Where its pairs go.</param>
    /// <param name="lowerSource">The lower row.</param>
    /// <param name="lower">Where its pairs go.</param>
    /// <param name="columns">The samples along the rows, neighbours adjacent.</param>
    public static void Collect(
        byte* upperSource, PixelPairs upper, byte* lowerSource, PixelPairs lower, AxisSamples columns)
    {
        int early = columns.EarlyLength;
        fixed (uint* offsets = columns.ByteOffset)
        {
            fixed (ulong* uppers = upper.Pairs, lowers = lower.Pairs)
            {
                nuint i = 0;
                for (; i + 2 <= (nuint)early; i += 2)
                {
                    nuint offset = offsets[i];
                    uppers[i] = Unsafe.ReadUnaligned<ulong>(upperSource + offset);
                    lowers[i] = Unsafe.ReadUnaligned<ulong>(lowerSource + offset);
                    offset = offsets[i + 1];
                    uppers[i + 1] = Unsafe.ReadUnaligned<ulong>(upperSource + offset);
                    lowers[i + 1] = Unsafe.ReadUnaligned<ulong>(lowerSource + offset);
                }

                for (; i < (nuint)early; i++)
                {
                    nuint offset = offsets[i];
                    uppers[i] = Unsafe.ReadUnaligned<ulong>(upperSource + offset);
                    lowers[i] = Unsafe.ReadUnaligned<ulong>(lowerSource + offset);
                }
            }
        }

        upper.FillLast(upperSource, columns);
        lower.FillLast(lowerSource, columns);
    }

    // Eight bytes from the last pair on would leave the row, perhaps the image. These columns all have the same pair.
    private void FillLast(byte* source, AxisSamples columns)
    {
        if (columns.EarlyLength < columns.Length)
        {
            Pairs.AsSpan(columns.EarlyLength, columns.Length - columns.EarlyLength).Fill(LastPair(source, columns));
        }
    }

    private static ulong LastPair(byte* source, AxisSamples columns)
    {
        byte* low = source + (3 * columns.Low[columns.Length - 1]);
        byte* high = source + (3 * columns.High[columns.Length - 1]);
        ulong pair = 0;
        for (int channel = 0; channel < 3; channel++)
        {
            pair |= ((ulong)low[channel] << (8 * channel)) | ((ulong)high[channel] << (8 * (channel + 3)));
        }

        return pair;
    }
}
