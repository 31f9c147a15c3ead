using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pipeline.Inference;

/// <summary>
/// Picks the pixel pairs of a vector's worth of output columns straight out of the source row, with shuffles over whole
/// windows of 64 bytes: for up to sixteen pairs four windows and four shuffles a row, where <see
/// cref="GatheredRows{T}"/> has sixteen loads and more shuffles. Which windows, and which of their bytes, depends on the
/// sizes alone and is worked out once for a pair of them.
/// </summary>
/// <remarks>Needs a processor that shuffles bytes over two whole vectors (AVX512-VBMI).</remarks>
internal sealed unsafe class WindowedRows : RowSampler
{
    /// <summary>Bytes of a window: a vector.</summary>
    private const int WindowBytes = 64;

    /// <summary>Pairs that fit into a vector as they are, eight bytes each.</summary>
    private const int HalfPairs = 8;

    /// <summary>Bytes of <see cref="_picks"/> for a step: three vectors.</summary>
    private const int PickBytes = 3 * WindowBytes;

    /// <summary>Where each step's windows begin, and at which column it begins.</summary>
    private readonly Step[] _steps;

    /// <summary>
    /// For each step, which of the first two windows' 128 bytes become a vector of pairs, which of the last two's, and
    /// which 32 bits of these two vectors hold blue and green.
    /// </summary>
    private readonly byte[] _picks;

    /// <summary>How many steps make a row.</summary>
    private int _count;

    /// <summary>Room for a row.</summary>
    /// <param name="rule">How the samples were worked out.</param>
    /// <param name="capacity">The most output columns.</param>
    /// <param name="columns">Samples along the rows, neighbours adjacent.</param>
    /// <param name="lines">Samples between rows.</param>
    public WindowedRows(ResizeRule rule, int capacity, AxisSamples columns, AxisSamples lines)
        : base(rule, columns, lines)
    {
        _steps = new Step[MostSteps(capacity)];
        _picks = new byte[_steps.Length * PickBytes];
    }

    /// <summary>Whether this processor can do it.</summary>
    public static bool IsSupported => Avx512Vbmi.IsSupported;

    /// <summary>
    /// Which byte of a pair, B G R B G R, stands where in the eight bytes that <see cref="Words16.PickPairs"/> wants;
    /// behind each red any byte may stand.
    /// </summary>
    private static ReadOnlySpan<byte> PairOrder => [0, 1, 3, 4, 2, 2, 5, 5];

    /// <summary>Works the windows out for the columns as they are now.</summary>
    /// <returns>Whether this way pays: not for tiny images, nor where the pixels lie far apart.</returns>
    public bool Plan()
    {
        _count = 0;
        int column = 0;
        while (column < Columns.Length)
        {
            if (3 * Columns.SourceLength < WindowBytes || _count == MostSteps(Columns.Length))
            {
                return false;
            }

            column = PlanStep(_count, column);
            _count++;
        }

        return true;
    }

    /// <inheritdoc/>
    public override void Sample(in ImageView image, int line, in PlanarTarget target, int first)
    {
        fixed (Step* steps = _steps)
        fixed (byte* picks = _picks)
        {
            Interpolate<Words16, Windows>(new Windows(Rows(image, line), steps, picks, _count), line, target, first);
        }
    }

    // Beyond this the pixels lie so far apart that a vector is mostly empty.
    private static int MostSteps(int columns) => ((columns + HalfPairs - 1) / HalfPairs) + 1;

    // Up to eight pairs from two windows, up to eight more from two others, and then the lanes without gaps.
    private int PlanStep(int step, int column)
    {
        Span<byte> picks = _picks.AsSpan(step * PickBytes, PickBytes);
        picks.Clear();
        int first = PlanWindow(column, column, 0, picks, out int end);
        int second = PlanWindow(end, column, WindowBytes, picks, out int middle);
        Span<byte> others = picks[WindowBytes..];
        int third = PlanWindow(middle, middle, 0, others, out end);
        int fourth = PlanWindow(end, middle, WindowBytes, others, out end);
        _steps[step] = new Step(first, second, third, fourth, column);
        Span<int> blueGreen = MemoryMarshal.Cast<byte, int>(picks[(2 * WindowBytes)..]);
        for (int lane = 0; lane < end - column; lane++)
        {
            blueGreen[lane] = 2 * (lane < middle - column ? lane : HalfPairs + lane - (middle - column));
        }

        return end;
    }

    // As many pairs as lie in the window whole and have room in the vector. The window is moved to the left where it
    // would leave the row, since behind the last row nothing may be read.
    private int PlanWindow(int column, int firstColumn, int windowPosition, Span<byte> picks, out int end)
    {
        end = column;
        if (column == Columns.Length)
        {
            return 0;
        }

        int start = Math.Min(3 * Columns.Low[column], (3 * Columns.SourceLength) - WindowBytes);
        while (end < Columns.Length
            && end - firstColumn < HalfPairs
            && (3 * Columns.Low[end]) + 6 <= start + WindowBytes)
        {
            int position = windowPosition + (3 * Columns.Low[end]) - start;
            Span<byte> pair = picks.Slice(8 * (end - firstColumn), 8);
            for (int i = 0; i < PairOrder.Length; i++)
            {
                pair[i] = (byte)(position + PairOrder[i]);
            }

            end++;
        }

        return start;
    }

    /// <summary>A vector's worth of columns: where in a row its four windows begin, and its first column.</summary>
    private readonly record struct Step(int First, int Second, int Third, int Fourth, int Column);

    /// <summary>Two source rows with the windows to look through.</summary>
    private readonly struct Windows(SourceRows source, Step* steps, byte* choices, int count)
        : IPairRows<Words16>
    {
        private readonly byte* _upper = source.Upper;
        private readonly byte* _lower = source.Lower;
        private readonly nint _ahead = source.Ahead;
        private readonly Step* _steps = steps;
        private readonly byte* _picks = choices;

        public nint Steps { get; } = count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public nint Column(nint step) => _steps[step].Column;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Load(nint step, out PairLanes<Words16> upper, out PairLanes<Words16> lower)
        {
            Step* windows = _steps + step;
            byte* picks = _picks + (step * PickBytes);
            Vector512<byte> pairs = Vector512.Load(picks);
            Vector512<byte> otherPairs = Vector512.Load(picks + WindowBytes);
            Vector512<uint> blueGreen = Vector512.Load(picks + (2 * WindowBytes)).AsUInt32();
            upper = Pick(_upper, windows, pairs, otherPairs, blueGreen);
            lower = Pick(_lower, windows, pairs, otherPairs, blueGreen);

            // The next two rows are on their way while these are worked on: the hardware does not foresee the rows in
            // between being left out. Two windows of four are asked for, which sets the hardware's own prefetching off
            // for the rest; each line asked for twice would cost time where the caches' bandwidth is the limit.
            Prefetch(_upper + _ahead, windows);
            Prefetch(_lower + _ahead, windows);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static PairLanes<Words16> Pick(
            byte* row, Step* windows, Vector512<byte> pairs, Vector512<byte> otherPairs, Vector512<uint> blueGreen)
        {
            Vector512<byte> left = Avx512Vbmi.PermuteVar64x8x2(
                Vector512.Load(row + windows->First), pairs, Vector512.Load(row + windows->Second));
            Vector512<byte> right = Avx512Vbmi.PermuteVar64x8x2(
                Vector512.Load(row + windows->Third), otherPairs, Vector512.Load(row + windows->Fourth));
            return Words16.PickPairs(left, right, blueGreen);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Prefetch(byte* row, Step* windows)
        {
            Sse.Prefetch0(row + windows->First);
            Sse.Prefetch0(row + windows->Third);
        }
    }
}
