namespace Pipeline.Inference;

/// <summary>
/// Where the paper's networks get their weights from. Layers are called as in <see cref="Vgg16SsdLayers"/>.
/// </summary>
internal interface IWeightSource
{
    /// <summary>Weights of a convolution: [outputs, inputs, kernel, kernel], row-major.</summary>
    /// <exception cref="ModelException">There are none, or of another shape.</exception>
    float[] Kernel(string layer, int outputs, int inputs, int kernel);

    /// <summary>Bias of a convolution, one number an output.</summary>
    /// <exception cref="ModelException">There is none, or of another shape.</exception>
    float[] Bias(string layer, int outputs);

    /// <summary>Length to which each channel of a normalised layer is brought.</summary>
    /// <exception cref="ModelException">There is none, or of another shape.</exception>
    float[] NormScale(int channels);
}
