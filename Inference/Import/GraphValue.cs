using System.Collections.Immutable;

namespace Pipeline.Inference;

/// <summary>What a node of a TensorFlow graph gives, as far as the conversion has to know it.</summary>
internal abstract record GraphValue;

/// <summary>Weights.</summary>
internal sealed record ConstantValue(TensorFlowTensor Tensor) : GraphValue;

/// <summary>A list of integers that the graph computes from shapes; −1 stands for the size of the batch.</summary>
internal sealed record IntegersValue(ImmutableArray<int> Items) : GraphValue;

/// <summary>
/// A feature map: [batch, channels, rows, columns] in the ONNX graph, [batch, rows, columns, channels] in TensorFlow's.
/// </summary>
internal sealed record FeatureMap(string Tensor, int Height, int Width, int Channels) : GraphValue
{
    /// <summary>The shape as TensorFlow sees it.</summary>
    public ImmutableArray<int> Shape => [-1, Height, Width, Channels];
}

/// <summary>A tensor whose dimensions are in the same order in both graphs; the first is the batch, −1.</summary>
internal sealed record RowsValue(string Tensor, ImmutableArray<int> Shape) : GraphValue;
