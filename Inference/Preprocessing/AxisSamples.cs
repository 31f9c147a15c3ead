namespace Pipeline.Inference;

/// <summary>
/// Which two source pixels make each pixel along one axis, and with what weights: the resize rule, worked out once for
/// a pair of sizes. Arrays are made for the largest output once, and filled again when a size changes.
/// </summary>
internal sealed class AxisSamples
{
    /// <summary>OpenCV's INTER_RESIZE_COEF_SCALE: its weights have 11 bits after the point.</summary>
    public const int FixedOne = 2048;

    /// <summary>Lanes of the widest vectors.</summary>
    private const int Padding = 16;

    /// <summary>Room for an axis.</summary>
    /// <param name="capacity">The most output pixels.</param>
    public AxisSamples(int capacity)
    {
        capacity = Padded(capacity);
        Low = new int[capacity];
        ByteOffset = new uint[capacity];
        High = new int[capacity];
        Weight = new float[capacity];
        FixedWeights = new int[capacity];
    }

    /// <summary>Pixels of the source axis.</summary>
    public int SourceLength { get; private set; }

    /// <summary>Pixels of the output axis.</summary>
    public int Length { get; private set; }

    /// <summary>
    /// How many output pixels, from the first on, have at least three source pixels from the lower neighbour to the end
    /// of the axis: 8 bytes can be read there.
    /// </summary>
    public int EarlyLength { get; private set; }

    /// <summary>The lower neighbour's index, by output pixel.</summary>
    public int[] Low { get; }

    /// <summary>
    /// Bytes from a row's start to the lower neighbour, by output pixel; 0 beyond the length, where vectors look too.
    /// </summary>
    public uint[] ByteOffset { get; }

    /// <summary>The upper neighbour's index, by output pixel.</summary>
    public int[] High { get; }

    /// <summary>
    /// The upper neighbour's weight, 0 to 1, by output pixel; the lower one has the rest. Float rules only.
    /// </summary>
    public float[] Weight { get; }

    /// <summary>
    /// The weights in 1/<see cref="FixedOne"/>, each from 0 to all of it, by output pixel: the lower neighbour's in the
    /// lower 16 bits, the upper one's in the upper. <see cref="ResizeRule.OpenCvLinear"/> only.
    /// </summary>
    public int[] FixedWeights { get; }

    /// <summary>Works the samples out for a pair of sizes; nothing is done where they are the last ones.</summary>
    /// <param name="rule">The rule, the same in every call.</param>
    /// <param name="sourceLength">Pixels of the source axis, at least 1.</param>
    /// <param name="length">Pixels of the output axis, 1 to the capacity.</param>
    /// <param name="adjacent">
    /// Whether <see cref="High"/> must be <see cref="Low"/> + 1 wherever the source has two pixels: what a row's
    /// sampler wants, which loads both neighbours at once. The values that come out are the same, to the bit.
    /// </param>
    /// <returns>Whether anything changed.</returns>
    public bool Set(ResizeRule rule, int sourceLength, int length, bool adjacent)
    {
        if (sourceLength == SourceLength && length == Length)
        {
            return false;
        }

        SourceLength = sourceLength;
        Length = length;
        switch (rule)
        {
            case ResizeRule.TfLegacy:
                SetTfLegacy();
                break;
            case ResizeRule.HalfPixel:
                SetHalfPixel();
                break;
            case ResizeRule.OpenCvLinear:
                SetOpenCvLinear(adjacent);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(rule), rule, "No such resize rule.");
        }

        if (adjacent && sourceLength > 1)
        {
            SetAdjacent();
        }

        SetOffsets();
        return true;
    }

    /// <summary>
    /// A length with room behind it for a vector that begins at the last element, rounded up to whole vectors: kernels
    /// work on whole vectors and have no remainder.
    /// </summary>
    public static int Padded(int length) => (length + (2 * Padding) - 1) & ~(Padding - 1);

    // TensorFlow's compute_interpolation_weights: everything in single precision.
    private void SetTfLegacy()
    {
        float scale = (float)SourceLength / Length;
        for (int i = 0; i < Length; i++)
        {
            SetFloat(i, i * scale);
        }
    }

    // PyTorch's area_pixel_compute_source_index: single precision, negative positions are the first pixel's.
    private void SetHalfPixel()
    {
        float scale = (float)SourceLength / Length;
        for (int i = 0; i < Length; i++)
        {
            SetFloat(i, Math.Max(0f, (scale * (i + 0.5f)) - 0.5f));
        }
    }

    private void SetFloat(int i, float position)
    {
        // A neighbour without weight is not worth reading.
        int low = Math.Min((int)position, SourceLength - 1);
        float weight = Math.Min(position - low, 1f);
        Low[i] = low;
        High[i] = weight > 0 ? Math.Min(low + 1, SourceLength - 1) : low;
        Weight[i] = weight;
    }

    // OpenCV's resize(): positions from double to float, each weight rounded on its own. Along a row a position outside
    // is moved to the edge; between rows the rows are clamped and the weights stay.
    private void SetOpenCvLinear(bool alongRow)
    {
        double scale = 1 / ((double)Length / SourceLength);
        int last = SourceLength - 1;
        for (int i = 0; i < Length; i++)
        {
            float position = (float)(((i + 0.5) * scale) - 0.5);
            int low = (int)MathF.Floor(position);
            float weight = position - low;
            if (alongRow && (low < 0 || low >= last))
            {
                low = Math.Clamp(low, 0, last);
                weight = 0;
            }

            Low[i] = Math.Clamp(low, 0, last);
            High[i] = Math.Clamp(low + 1, 0, last);
            FixedWeights[i] =
                (int)MathF.Round((1 - weight) * FixedOne) | ((int)MathF.Round(weight * FixedOne) << 16);
        }
    }

    // The last pixel alone is the last pair with all its weight on the upper one: a + (b − a)·1 is b, exactly, since a
    // and b are whole numbers below 256.
    private void SetAdjacent()
    {
        for (int i = 0; i < Length; i++)
        {
            if (Low[i] == SourceLength - 1)
            {
                Low[i]--;
                Weight[i] = 1;
                FixedWeights[i] = FixedOne << 16;
            }

            High[i] = Low[i] + 1;
        }
    }

    private void SetOffsets()
    {
        // The lower neighbours never go back, so the early ones come first.
        EarlyLength = 0;
        for (int i = 0; i < Length; i++)
        {
            ByteOffset[i] = 3 * (uint)Low[i];
            EarlyLength += Low[i] <= SourceLength - 3 ? 1 : 0;
        }

        // What a longer axis has left.
        ByteOffset.AsSpan(Length).Clear();
    }
}
