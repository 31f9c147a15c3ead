using System.Runtime.CompilerServices;

namespace Pipeline.Inference;

/// <summary>
/// Loads each pixel pair from where it lies in the source row: six bytes, read as eight. It works at any sizes and with
/// any vectors.
/// </summary>
/// <typeparam name="T">The vectors.</typeparam>
internal sealed unsafe class GatheredRows<T> : RowSampler
    where T : struct, IWords<T>
{
    /// <summary>Bytes of a pair, as it is loaded.</summary>
    private const int PairBytes = 8;

    /// <summary>
    /// Pairs of either row that were copied, for the columns at whose pixels no eight bytes can be read.
    /// </summary>
    private readonly byte[] _copies;

    /// <summary>The places of copied pairs.</summary>
    private readonly uint[] _copyOffsets;

    /// <summary>Room for a row.</summary>
    /// <param name="rule">How the samples were worked out.</param>
    /// <param name="capacity">The most output columns.</param>
    /// <param name="columns">Samples along the rows, neighbours adjacent.</param>
    /// <param name="lines">Samples between rows.</param>
    public GatheredRows(ResizeRule rule, int capacity, AxisSamples columns, AxisSamples lines)
        : base(rule, columns, lines)
    {
        capacity = AxisSamples.Padded(capacity);
        _copies = new byte[2 * PairBytes * capacity];
        _copyOffsets = [.. Enumerable.Range(0, capacity).Select(i => PairBytes * (uint)i)];
    }

    /// <inheritdoc/>
    public override void Sample(in ImageView image, int line, in PlanarTarget target, int first)
    {
        SourceRows source = Rows(image, line);
        nint steps = (Columns.Length + T.Count - 1) / T.Count;
        nint early = Columns.EarlyLength == Columns.Length ? steps : Columns.EarlyLength / T.Count;
        fixed (uint* offsets = Columns.ByteOffset)
        {
            Interpolate<T, Pairs>(new Pairs(source.Upper, source.Lower, offsets, 0, early), line, target, first);
        }

        if (early < steps)
        {
            SampleCopies(source, early, steps, line, target, first);
        }
    }

    // The last columns, where eight bytes would reach beyond the row, and perhaps beyond the image.
    private void SampleCopies(
        in SourceRows source, nint early, nint steps, int line, in PlanarTarget target, int first)
    {
        fixed (byte* copies = _copies)
        fixed (uint* offsets = _copyOffsets)
        {
            byte* lowerCopies = copies + (_copies.Length / 2);
            for (var column = (int)(early * T.Count); column < Columns.Length; column++)
            {
                Copy(source.Upper, column, copies + offsets[column]);
                Copy(source.Lower, column, lowerCopies + offsets[column]);
            }

            Interpolate<T, Pairs>(new Pairs(copies, lowerCopies, offsets, early, steps), line, target, first);
        }
    }

    private void Copy(byte* row, int column, byte* pair)
    {
        byte* low = row + (3 * Columns.Low[column]);
        byte* high = row + (3 * Columns.High[column]);
        (pair[0], pair[1], pair[2]) = (low[0], low[1], low[2]);
        (pair[3], pair[4], pair[5]) = (high[0], high[1], high[2]);
    }

    /// <summary>Vectors of the pairs of two rows.</summary>
    /// <param name="upper">Where the upper row's places are counted from.</param>
    /// <param name="lower">Where the lower row's places are counted from.</param>
    /// <param name="offsets">The places of the pairs, by column.</param>
    /// <param name="begin">The first vector of the row to take.</param>
    /// <param name="end">The vector not to take any more.</param>
    private readonly struct Pairs(byte* upper, byte* lower, uint* offsets, nint begin, nint end) : IPairRows<T>
    {
        private readonly byte* _upper = upper;
        private readonly byte* _lower = lower;
        private readonly uint* _offsets = offsets;
        private readonly nint _begin = begin;

        public nint Steps { get; } = end - begin;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public nint Column(nint step) => (_begin + step) * T.Count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Load(nint step, out PairLanes<T> upper, out PairLanes<T> lower)
        {
            uint* places = _offsets + Column(step);
            upper = T.LoadPairs(_upper, places);
            lower = T.LoadPairs(_lower, places);
        }
    }
}
