namespace Pipeline.Inference.Onnx;

/// <summary>Weights in half precision.</summary>
internal static class HalfWeights
{
    /// <summary>Rounds weights.</summary>
    /// <param name="tensor">What they are called, for the message.</param>
    /// <param name="values">The weights.</param>
    /// <exception cref="ModelException">One is too large for half precision, which would make it infinite.</exception>
    public static Half[] Narrow(string tensor, ReadOnlySpan<float> values)
    {
        var halves = new Half[values.Length];
        for (int i = 0; i < halves.Length; i++)
        {
            halves[i] = (Half)values[i];
            if (Half.IsInfinity(halves[i]) && float.IsFinite(values[i]))
            {
                throw new ModelException(
                    $"The weights '{tensor}' hold {values[i]}, and half precision ends at {Half.MaxValue}.");
            }
        }

        return halves;
    }
}
