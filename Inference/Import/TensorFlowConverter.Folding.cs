using Pipeline.Inference.Onnx;

namespace Pipeline.Inference;

/// <content>The linear operators: convolutions, and what is folded into them.</content>
internal sealed partial class TensorFlowConverter
{
    private FoldedConvolution Convolution(TensorFlowNode node, bool depthwise)
    {
        FeatureMap source = Map(node, 0);
        TensorFlowTensor weights = Constant(node, 1);
        if (weights.Shape is not [int height, int width, int inputs, int last] || inputs != source.Channels)
        {
            throw node.Error($"has weights {Sides(weights.Shape)} for an input of {source.Channels} channels.");
        }

        int outputs = depthwise ? inputs * last : last;
        return new FoldedConvolution
        {
            Name = node.Name,
            Source = source,
            Window = Window(node, source, height, width),
            Kernel = ChannelsFirst(weights.Floats, height * width, inputs, last, depthwise),
            Groups = depthwise ? inputs : 1,
            Scale = [.. Enumerable.Repeat(1.0, outputs)],
            Bias = [.. Enumerable.Repeat(0.0, outputs)],
        };
    }

    private static ConvolutionWindow Window(TensorFlowNode node, FeatureMap source, int height, int width)
    {
        int dilation = 1;
        if (node.TextAttribute("data_format") != "NHWC"
            || node.IntegersAttribute("strides") is not [1, int stride, int strideAcross, 1]
            || stride != strideAcross
            || stride < 1
            || (node.IntegersAttribute("dilations") is { Length: > 0 } dilations
                && (dilations is not [1, int down, int across, 1] || down != across || (dilation = down) < 1)))
        {
            throw node.Error("has a layout, strides or dilations that the importer does not know: NHWC, the same both ways.");
        }

        return node.TextAttribute("padding") switch
        {
            "SAME" => ConvolutionWindow.Same(height, width, stride, dilation, source.Height, source.Width),
            "VALID" => new ConvolutionWindow(height, width, stride, dilation, 0, 0, 0, 0),
            string other => throw node.Error($"has the padding '{other}'; SAME and VALID are known."),
        };
    }

    // TensorFlow keeps [rows, columns, inputs, outputs], depthwise [rows, columns, inputs, outputs per input];
    // ONNX wants [outputs, inputs per group, rows, columns].
    private static float[] ChannelsFirst(ReadOnlySpan<float> weights, int taps, int inputs, int last, bool depthwise)
    {
        float[] kernel = new float[weights.Length];
        for (int tap = 0; tap < taps; tap++)
        {
            for (int input = 0; input < inputs; input++)
            {
                for (int output = 0; output < last; output++)
                {
                    int row = depthwise ? (input * last) + output : (output * inputs) + input;
                    kernel[(row * taps) + tap] = weights[(((tap * inputs) + input) * last) + output];
                }
            }
        }

        return kernel;
    }

    private FoldedConvolution Multiply(TensorFlowNode node) => (Evaluate(node.Input(0)), Evaluate(node.Input(1))) switch
    {
        (FoldedConvolution convolution, ConstantValue factors) =>
            convolution.Multiply(Channels(node, factors, convolution.Outputs)),
        (ConstantValue factors, FoldedConvolution convolution) =>
            convolution.Multiply(Channels(node, factors, convolution.Outputs)),
        _ => throw node.Error("does not multiply a convolution with a constant, so it cannot be folded."),
    };

    // y = γ·(x − μ)/√(σ² + ε) + β, with the statistics of the training.
    private FoldedConvolution BatchNorm(TensorFlowNode node)
    {
        if (Evaluate(node.Input(0)) is not FoldedConvolution convolution)
        {
            throw node.Error($"does not follow a convolution: '{node.Input(0)}'.");
        }

        double[] gamma = Channels(node, 1, convolution.Outputs);
        double[] beta = Channels(node, 2, convolution.Outputs);
        double[] mean = Channels(node, 3, convolution.Outputs);
        double[] variance = Channels(node, 4, convolution.Outputs);
        double epsilon = node.NumberAttribute("epsilon");
        for (int channel = 0; channel < gamma.Length; channel++)
        {
            gamma[channel] /= Math.Sqrt(variance[channel] + epsilon);
            beta[channel] -= gamma[channel] * mean[channel];
        }

        return convolution.Multiply(gamma).Add(beta);
    }

    // A sum of one convolution that nothing else takes, constants, which become its bias, and feature maps.
    private FoldedConvolution Add(TensorFlowNode node)
    {
        int carrier = Carrier(node);
        FoldedConvolution sum = (FoldedConvolution)Evaluate(node.Inputs[carrier]);
        for (int input = 0; input < node.Inputs.Length; input++)
        {
            if (input == carrier)
            {
                continue;
            }

            sum = Evaluate(node.Inputs[input]) is ConstantValue constant
                ? sum.Add(Channels(node, constant, sum.Outputs))
                : AddMap(node, sum, Map(node, input));
        }

        return sum;
    }

    private int Carrier(TensorFlowNode node)
    {
        int carrier = -1;
        for (int input = 0; input < node.Inputs.Length; input++)
        {
            if (Evaluate(node.Inputs[input]) is FoldedConvolution convolution
                && !_written.ContainsKey(convolution)
                && (carrier < 0 || _consumers[node.Inputs[input]] == 1))
            {
                carrier = input;
            }
        }

        return carrier >= 0 ? carrier : throw node.Error("adds nothing to a convolution, so it cannot be folded.");
    }

    private static FoldedConvolution AddMap(TensorFlowNode node, FoldedConvolution sum, FeatureMap map) =>
        (map.Height, map.Width, map.Channels) == (sum.Height, sum.Width, sum.Outputs)
            ? sum with { Residuals = sum.Residuals.Add(map) }
            : throw node.Error($"adds {Sides(map.Shape)} to {Sides([-1, sum.Height, sum.Width, sum.Outputs])}.");

    private FeatureMap Write(FoldedConvolution convolution)
    {
        if (_written.TryGetValue(convolution, out FeatureMap? map))
        {
            return map;
        }

        string name = convolution.Name;
        if (_written.Keys.Any(other => other.Name == name))
        {
            throw graph.Node(name).Error("is used twice with different things folded into it.");
        }

        string weights = onnx.Weights(
            $"{name}/weights",
            convolution.ScaledKernel(),
            convolution.Outputs,
            convolution.Source.Channels / convolution.Groups,
            convolution.Window.KernelHeight,
            convolution.Window.KernelWidth);
        string bias = onnx.Weights(
            $"{name}/bias", [.. convolution.Bias.Select(value => (float)value)], convolution.Outputs);
        string tensor = onnx.Convolution(
            name, convolution.Source.Tensor, weights, bias, convolution.Window, convolution.Groups);
        for (int residual = 0; residual < convolution.Residuals.Length; residual++)
        {
            tensor = onnx.Node("Add", $"{name}/residual_{residual}", [tensor, convolution.Residuals[residual].Tensor]);
        }

        map = new FeatureMap(tensor, convolution.Height, convolution.Width, convolution.Outputs);
        _written.Add(convolution, map);
        return map;
    }

    private TensorFlowTensor Constant(TensorFlowNode node, int input) =>
        Evaluate(node.Input(input)) is ConstantValue constant
            ? constant.Tensor
            : throw node.Error($"takes '{node.Input(input)}', which is no constant.");

    private double[] Channels(TensorFlowNode node, int input, int channels) =>
        Channels(node, new ConstantValue(Constant(node, input)), channels);

    private static double[] Channels(TensorFlowNode node, ConstantValue constant, int channels)
    {
        ReadOnlySpan<float> values = constant.Tensor.Floats;
        if (values.Length != channels)
        {
            throw node.Error($"has {values.Length} values in '{constant.Tensor.Name}' for {channels} channels.");
        }

        double[] result = new double[channels];
        for (int channel = 0; channel < channels; channel++)
        {
            result[channel] = values[channel];
        }

        return result;
    }
}
