using System.Collections.Immutable;
using Pipeline.Inference.Onnx;

namespace Pipeline.Inference;

/// <summary>
/// A convolution that is not written yet, with what follows it folded in:
/// scale[o] · (kernel[o] ∗ source) + bias[o] + residuals. Immutable: each folding gives a new one. Scales and biases
/// are kept in double precision and rounded once, when the convolution is written.
/// </summary>
internal sealed record FoldedConvolution : GraphValue
{
    /// <summary>The convolution's node in the TensorFlow graph.</summary>
    public required string Name { get; init; }

    /// <summary>What is convolved.</summary>
    public required FeatureMap Source { get; init; }

    /// <summary>Kernel, stride and padding.</summary>
    public required ConvolutionWindow Window { get; init; }

    /// <summary>The weights, [outputs, inputs per group, rows, columns].</summary>
    public required float[] Kernel { get; init; }

    /// <summary>Groups of channels; 1, or the source's channels in a depthwise convolution.</summary>
    public required int Groups { get; init; }

    /// <summary>Factor of each output channel.</summary>
    public required ImmutableArray<double> Scale { get; init; }

    /// <summary>Added to each output channel.</summary>
    public required ImmutableArray<double> Bias { get; init; }

    /// <summary>Feature maps added to the result.</summary>
    public ImmutableArray<FeatureMap> Residuals { get; init; } = [];

    /// <summary>Output channels.</summary>
    public int Outputs => Scale.Length;

    /// <summary>Rows of the result.</summary>
    public int Height => Window.OutputHeight(Source.Height);

    /// <summary>Columns of the result.</summary>
    public int Width => Window.OutputWidth(Source.Width);

    /// <summary>
    /// The result multiplied by a factor for each channel. Only where no residual has been added yet.
    /// </summary>
    public FoldedConvolution Multiply(ReadOnlySpan<double> factors)
    {
        if (Residuals.Length > 0)
        {
            throw new ModelException($"The sum after '{Name}' is scaled; only a convolution itself can be.");
        }

        double[] scale = [.. Scale];
        double[] bias = [.. Bias];
        for (int output = 0; output < scale.Length; output++)
        {
            scale[output] *= factors[output];
            bias[output] *= factors[output];
        }

        return this with { Scale = [.. scale], Bias = [.. bias] };
    }

    /// <summary>The result plus a number for each channel.</summary>
    public FoldedConvolution Add(ReadOnlySpan<double> offsets)
    {
        double[] bias = [.. Bias];
        for (int output = 0; output < bias.Length; output++)
        {
            bias[output] += offsets[output];
        }

        return this with { Bias = [.. bias] };
    }

    /// <summary>The weights as they are written: each output's kernel times its scale.</summary>
    public float[] ScaledKernel()
    {
        float[] scaled = new float[Kernel.Length];
        int each = Kernel.Length / Outputs;
        for (int i = 0; i < scaled.Length; i++)
        {
            scaled[i] = (float)(Kernel[i] * Scale[i / each]);
        }

        return scaled;
    }
}
