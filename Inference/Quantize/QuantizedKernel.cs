namespace Pipeline.Inference;

/// <summary>
/// A convolution's weights in 8 bits, symmetric around 0 with a scale for each output, and its bias corrected for what
/// the rounding of the weights does on average.
/// </summary>
/// <param name="Weights">Rounded weights, −127 to 127, in the order of the original.</param>
/// <param name="Scales">What a weight of 1 is worth, one number an output.</param>
/// <param name="Bias">The corrected bias.</param>
internal sealed record QuantizedKernel(sbyte[] Weights, float[] Scales, float[] Bias)
{
    /// <summary>Outputs without any weight still need a scale to divide by.</summary>
    private const float SmallestScale = 1e-9f;

    /// <summary>Rounds weights.</summary>
    /// <param name="weights">[outputs, inputs per group, rows, columns], row-major.</param>
    /// <param name="bias">One number an output.</param>
    /// <param name="groups">Groups of channels.</param>
    /// <param name="inputMeans">The mean of each input channel over the calibration images.</param>
    public static QuantizedKernel Round(
        ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, int groups, ReadOnlySpan<double> inputMeans)
    {
        int outputs = bias.Length;
        int each = weights.Length / outputs;
        int inputs = inputMeans.Length / groups;
        QuantizedKernel kernel = new(new sbyte[weights.Length], new float[outputs], bias.ToArray());
        for (int output = 0; output < outputs; output++)
        {
            ReadOnlySpan<float> row = weights.Slice(output * each, each);
            Span<sbyte> rounded = kernel.Weights.AsSpan(output * each, each);
            float scale = SmallestScale;
            foreach (float weight in row)
            {
                scale = Math.Max(scale, Math.Abs(weight) / sbyte.MaxValue);
            }

            // Bias correction (Nagel et al. 2019, section 4.2): E[w·x] − E[w′·x] = Σ (w − w′)·E[x].
            ReadOnlySpan<double> means = inputMeans.Slice(output / (outputs / groups) * inputs, inputs);
            double lost = 0;
            for (int i = 0; i < each; i++)
            {
                rounded[i] = (sbyte)Math.Clamp(MathF.Round(row[i] / scale), -sbyte.MaxValue, sbyte.MaxValue);
                lost += (row[i] - ((double)rounded[i] * scale)) * means[i / (each / inputs)];
            }

            kernel.Scales[output] = scale;
            kernel.Bias[output] += (float)lost;
        }

        return kernel;
    }
}
