namespace Pipeline.Inference;

/// <summary>Makes output rows of an image's source rows.</summary>
/// <param name="rule">How the samples were worked out.</param>
/// <param name="columns">Samples along the rows, neighbours adjacent.</param>
/// <param name="lines">Samples between rows.</param>
internal abstract unsafe class RowSampler(ResizeRule rule, AxisSamples columns, AxisSamples lines)
{
    /// <summary>Samples along the rows.</summary>
    protected AxisSamples Columns { get; } = columns;

    /// <summary>Samples between rows.</summary>
    protected AxisSamples Lines { get; } = lines;

    /// <summary>Makes an output row.</summary>
    /// <param name="image">The image.</param>
    /// <param name="line">Which row.</param>
    /// <param name="target">Where it goes, and how its values are normalised.</param>
    /// <param name="first">
    /// The row's place in each plane. Up to a vector's length, less one, is written beyond its end.
    /// </param>
    public abstract void Sample(in ImageView image, int line, in PlanarTarget target, int first);

    /// <summary>The source rows of an output row.</summary>
    protected SourceRows Rows(in ImageView image, int line)
    {
        int next = Math.Min(line + 1, Lines.Length - 1);
        return new SourceRows(
            (byte*)(image.Data + (nint)(Lines.Low[line] * image.Stride)),
            (byte*)(image.Data + (nint)(Lines.High[line] * image.Stride)),
            (nint)((Lines.Low[next] - Lines.Low[line]) * image.Stride));
    }

    /// <summary>Does the arithmetic of a row.</summary>
    /// <typeparam name="T">The vectors.</typeparam>
    /// <typeparam name="TRows">Where the pixels come from.</typeparam>
    /// <param name="rows">The pixels.</param>
    /// <param name="line">Which output row.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="first">The row's place in each plane.</param>
    protected void Interpolate<T, TRows>(in TRows rows, int line, in PlanarTarget target, int first)
        where T : struct, IWords<T>
        where TRows : struct, IPairRows<T>
    {
        if (rule == ResizeRule.OpenCvLinear)
        {
            BilinearKernel<T, TRows>.InterpolateFixed(
                rows, Columns.FixedWeights, Lines.FixedWeights[line], target, first);
        }
        else
        {
            BilinearKernel<T, TRows>.Interpolate(rows, Columns.Weight, Lines.Weight[line], target, first);
        }
    }

    /// <summary>The two source rows of an output row.</summary>
    /// <param name="upper">The first byte of the one above.</param>
    /// <param name="lower">The first byte of the one below.</param>
    /// <param name="ahead">Bytes from these rows to those of the next output row.</param>
    protected readonly struct SourceRows(byte* upper, byte* lower, nint ahead)
    {
        /// <summary>The first byte of the one above.</summary>
        public readonly byte* Upper = upper;

        /// <summary>The first byte of the one below.</summary>
        public readonly byte* Lower = lower;

        /// <summary>Bytes from these rows to those of the next output row.</summary>
        public readonly nint Ahead = ahead;
    }
}
