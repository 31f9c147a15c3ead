using System.Runtime.CompilerServices;

namespace Pipeline.Inference;

/// <summary>
/// Collects the pixel pairs of the two source rows one by one (<see cref="PixelPairs"/>), and works on those. It keeps
/// the rows: where the image is enlarged, a source row serves several output rows and is collected once.
/// </summary>
/// <typeparam name="T">The vectors.</typeparam>
internal sealed unsafe class CollectedRows<T> : RowSampler
    where T : struct, IWords<T>
{
    /// <summary>The source row above the output row at hand.</summary>
    private PixelPairs _upper;

    /// <summary>The source row below it.</summary>
    private PixelPairs _lower;

    /// <summary>Room for a row.</summary>
    /// <param name="rule">How the samples were worked out.</param>
    /// <param name="capacity">The most output columns.</param>
    /// <param name="columns">Samples along the rows, neighbours adjacent.</param>
    /// <param name="lines">Samples between rows.</param>
    public CollectedRows(ResizeRule rule, int capacity, AxisSamples columns, AxisSamples lines)
        : base(rule, columns, lines)
    {
        _upper = new PixelPairs(capacity);
        _lower = new PixelPairs(capacity);
    }

    /// <inheritdoc/>
    public override void Start()
    {
        _upper.Row = -1;
        _lower.Row = -1;
    }

    /// <inheritdoc/>
    public override void Sample(in ImageView image, int line, in PlanarTarget target, int first)
    {
        int upper = Lines.Low[line];
        int lower = Lines.High[line];
        Collect(image, upper, lower);
        PixelPairs lowerPairs = lower == upper ? _upper : _lower;
        fixed (ulong* upperPair = _upper.Pairs, lowerPair = lowerPairs.Pairs)
        {
            Interpolate<T, Collected>(new Collected(upperPair, lowerPair, Columns.Length), line, target, first);
        }
    }

    private void Collect(in ImageView image, int upper, int lower)
    {
        if (_upper.Row != upper && _lower.Row == upper)
        {
            (_upper, _lower) = (_lower, _upper);
        }

        var upperRow = (byte*)(image.Data + (nint)(upper * image.Stride));
        var lowerRow = (byte*)(image.Data + (nint)(lower * image.Stride));
        bool needsUpper = _upper.Row != upper;
        bool needsLower = lower != upper && _lower.Row != lower;
        if (needsUpper && needsLower)
        {
            PixelPairs.Collect(upperRow, _upper, lowerRow, _lower, Columns);
        }
        else if (needsUpper)
        {
            _upper.Collect(upperRow, Columns);
        }
        else if (needsLower)
        {
            _lower.Collect(lowerRow, Columns);
        }

        _upper.Row = upper;
        _lower.Row = needsLower ? lower : _lower.Row;
    }

    /// <summary>Two collected rows.</summary>
    /// <param name="upper">The upper row's pairs.</param>
    /// <param name="lower">The lower row's pairs.</param>
    /// <param name="count">Pairs in a row; there is room for a vector more.</param>
    private readonly struct Collected(ulong* upper, ulong* lower, int count) : IPairRows<T>
    {
        private readonly ulong* _upper = upper;
        private readonly ulong* _lower = lower;

        public nint Steps { get; } = (count + T.Count - 1) / T.Count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public nint Column(nint step) => step * T.Count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Load(nint step, out PairLanes<T> upper, out PairLanes<T> lower)
        {
            nint column = Column(step);
            upper = T.LoadPairs(ref _upper[column]);
            lower = T.LoadPairs(ref _lower[column]);
        }
    }
}
