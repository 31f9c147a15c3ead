namespace Pipeline.Inference;

/// <summary>
/// Random weights that keep the size of what passes through: uniform within ±√(6/fan-in), as He et al. 2015 derive it
/// for ReLU. Each layer has a random sequence of its own, so that the same layer of two networks gets the same weights.
/// </summary>
/// <param name="seed">Chooses the weights.</param>
/// <param name="firstLayer">The layer that sees the picture; its weights bring grey levels to about 1.</param>
internal sealed class HeInitialiser(ulong seed, string firstLayer) : IWeightSource
{
    /// <summary>Spread of grey levels around their mean, roughly.</summary>
    private const float GreyLevels = 64;

    /// <summary>The paper's initial scale (section 3.1, after ParseNet).</summary>
    private const float InitialNormScale = 20;

    /// <inheritdoc/>
    public float[] Kernel(string layer, int outputs, int inputs, int kernel)
    {
        int fanIn = inputs * kernel * kernel;
        float bound = MathF.Sqrt(6f / fanIn) / (layer == firstLayer ? GreyLevels : 1);
        float[] weights = new float[outputs * fanIn];
        ulong state = layer.Aggregate(seed, (hash, letter) => (hash ^ letter) * 0x100000001B3);
        for (int i = 0; i < weights.Length; i++)
        {
            // The upper 24 bits are a fraction that a float holds exactly.
            float fraction = (Next(ref state) >> 40) * (1f / (1 << 24));
            weights[i] = ((2 * fraction) - 1) * bound;
        }

        return weights;
    }

    /// <inheritdoc/>
    public float[] Bias(string layer, int outputs) => new float[outputs];

    /// <inheritdoc/>
    public float[] NormScale(int channels)
    {
        float[] scale = new float[channels];
        Array.Fill(scale, InitialNormScale);
        return scale;
    }

    // SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine and in every version of .NET.
    private static ulong Next(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        ulong mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
