namespace Pipeline.Inference.Onnx;

/// <summary>Where a convolution or a pooling looks: the same stride and dilation in both directions.</summary>
/// <param name="KernelHeight">Rows of the kernel.</param>
/// <param name="KernelWidth">Columns of the kernel.</param>
/// <param name="Stride">Pixels from one window to the next.</param>
/// <param name="Dilation">Pixels from one tap of the kernel to the next.</param>
/// <param name="PadTop">Rows of zeros above.</param>
/// <param name="PadLeft">Columns of zeros on the left.</param>
/// <param name="PadBottom">Rows of zeros below.</param>
/// <param name="PadRight">Columns of zeros on the right.</param>
internal readonly record struct ConvolutionWindow(
    int KernelHeight,
    int KernelWidth,
    int Stride,
    int Dilation,
    int PadTop,
    int PadLeft,
    int PadBottom,
    int PadRight)
{
    /// <summary>A square window with the same padding on all sides.</summary>
    public static ConvolutionWindow Square(int kernel, int stride = 1, int pad = 0, int dilation = 1) =>
        new(kernel, kernel, stride, dilation, pad, pad, pad, pad);

    /// <summary>A window with TensorFlow's padding SAME for an input of this size.</summary>
    public static ConvolutionWindow Same(int kernelHeight, int kernelWidth, int stride, int dilation, int height, int width)
    {
        (int top, int bottom) = SamePadding(height, kernelHeight, stride, dilation);
        (int left, int right) = SamePadding(width, kernelWidth, stride, dilation);
        return new(kernelHeight, kernelWidth, stride, dilation, top, left, bottom, right);
    }

    /// <summary>
    /// TensorFlow's padding SAME along one side: the output has ⌈size/stride⌉ places, what the last window lacks is
    /// padded, and an odd pixel goes to the end. Source: TensorFlow, GetWindowedOutputSize in
    /// core/framework/kernel_shape_util.cc.
    /// </summary>
    public static (int Begin, int End) SamePadding(int size, int kernel, int stride, int dilation)
    {
        int places = (size + stride - 1) / stride;
        int total = Math.Max(((places - 1) * stride) + ((kernel - 1) * dilation) + 1 - size, 0);
        return (total / 2, total - (total / 2));
    }

    /// <summary>Rows of the output for an input of so many rows.</summary>
    public int OutputHeight(int height) =>
        ((height + PadTop + PadBottom - ((KernelHeight - 1) * Dilation) - 1) / Stride) + 1;

    /// <summary>Columns of the output for an input of so many columns.</summary>
    public int OutputWidth(int width) =>
        ((width + PadLeft + PadRight - ((KernelWidth - 1) * Dilation) - 1) / Stride) + 1;
}
