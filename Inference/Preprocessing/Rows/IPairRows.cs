namespace Pipeline.Inference;

/// <summary>
/// The pixel pairs of two source rows, the one above an output row and the one below it, a vector's worth of output
/// columns at a time.
/// </summary>
/// <typeparam name="T">The vectors.</typeparam>
internal interface IPairRows<T>
    where T : struct, IWords<T>
{
    /// <summary>How many vectors make the row.</summary>
    nint Steps { get; }

    /// <summary>
    /// The output column of a vector's first lane. The next vector's is at most a vector's length on.
    /// </summary>
    /// <param name="step">Which vector; they are to be taken in order.</param>
    nint Column(nint step);

    /// <summary>
    /// Reads a vector. Lanes from the next vector's column on, or beyond the row's end, hold any grey levels.
    /// </summary>
    /// <param name="step">Which vector.</param>
    /// <param name="upper">The upper row's pairs.</param>
    /// <param name="lower">The lower row's pairs.</param>
    void Load(nint step, out PairLanes<T> upper, out PairLanes<T> lower);
}
