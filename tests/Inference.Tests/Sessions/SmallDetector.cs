using Pipeline.Inference.Onnx;
using DataType = Pipeline.Inference.Onnx.TensorProto.Types.DataType;

namespace Pipeline.Inference.Tests;

/// <summary>
/// An SSD's graph in small: 8×8 pixels, a convolution, two heads over 16 cells with two boxes each and three classes.
/// </summary>
internal static class SmallDetector
{
    public static readonly ModelSignature Signature = new(
        new InputSpec { Name = "image", Width = 8, Height = 8, ColorOrder = ColorOrder.Bgr },
        [
            new OutputSpec("boxes", OutputRole.Boxes, [32, 4]),
            new OutputSpec("scores", OutputRole.Scores, [32, 3]),
        ]);

    /// <summary>Makes the model.</summary>
    /// <param name="headRows">First dimension of the heads' reshapes: 0 keeps the batch, 1 allows no other.</param>
    public static ModelProto Create(long headRows = 0)
    {
        var graph = new OnnxGraphBuilder("small");
        string image = graph.Input("image", DataType.Float, OnnxGraphBuilder.Batch, 3, 8, 8);
        string stem = Convolution("stem", image, 4, 3, ConvolutionWindow.Same(3, 3, 2, 1, 8, 8));
        string map = graph.Node("Clip", "stem/clip", [stem, graph.Scalar("zero", 0), graph.Scalar("six", 6)]);
        Head("boxes", 4);
        Head("scores", 3);
        return graph.Build("A detector for tests.");

        void Head(string name, int columns)
        {
            string cells = Convolution($"{name}/conv", map, 2 * columns, 4, ConvolutionWindow.Square(1));
            string last = graph.Node("Transpose", $"{name}/last", [cells], OnnxAttributes.Integers("perm", 0, 2, 3, 1));
            string shape = graph.Integers($"{name}/shape", headRows, 32, columns);
            string rows = graph.Node("Reshape", name, [last, shape]);
            graph.Output(rows, DataType.Float, OnnxGraphBuilder.Batch, 32, columns);
        }

        string Convolution(string name, string input, int outputs, int inputs, ConvolutionWindow window)
        {
            var weights = new float[outputs * inputs * window.KernelHeight * window.KernelWidth];
            weights.AsSpan().Fill(0.1f);
            return graph.Convolution(
                name,
                input,
                graph.Weights($"{name}/w", weights, outputs, inputs, window.KernelHeight, window.KernelWidth),
                graph.Weights($"{name}/b", new float[outputs], outputs),
                window);
        }
    }
}
