namespace Pipeline.PostProcess;

/// <summary>
/// An axis-aligned box by its corners, as shares of the image's sides: 0 is the left or top edge, 1 the right or
/// bottom.
/// </summary>
/// <param name="X1">Left edge.</param>
/// <param name="Y1">Top edge.</param>
/// <param name="X2">Right edge.</param>
/// <param name="Y2">Bottom edge.</param>
public readonly record struct Box(float X1, float Y1, float X2, float Y2)
{
    /// <summary>X2 − X1; negative where the corners are swapped.</summary>
    public float Width => X2 - X1;

    /// <summary>Y2 − Y1; negative where the corners are swapped.</summary>
    public float Height => Y2 - Y1;

    /// <summary>Whether it has no area: a side is zero or negative.</summary>
    public bool IsEmpty => !(Width > 0 && Height > 0);

    /// <summary>
    /// Intersection over union: the area that both boxes share, as a share of what they cover together, 0 to 1. Boxes
    /// that only touch have 0, and so has a box without area with any other, itself too.
    /// </summary>
    /// <remarks>
    /// For boxes one by one; where many are compared, <see cref="SsdDecoder"/> suppresses with vectors.
    /// </remarks>
    /// <param name="other">The other box; which of the two is asked makes no difference.</param>
    public float Iou(Box other)
    {
        float width = Math.Min(X2, other.X2) - Math.Max(X1, other.X1);
        float height = Math.Min(Y2, other.Y2) - Math.Max(Y1, other.Y1);
        float shared = Math.Max(width, 0) * Math.Max(height, 0);
        return shared > 0 ? shared / ((Width * Height) + (other.Width * other.Height) - shared) : 0;
    }

    /// <summary>The same box with every coordinate clipped to 0…1. NaN stays NaN.</summary>
    public Box Clipped() => new(
        Math.Clamp(X1, 0f, 1f), Math.Clamp(Y1, 0f, 1f), Math.Clamp(X2, 0f, 1f), Math.Clamp(Y2, 0f, 1f));
}
