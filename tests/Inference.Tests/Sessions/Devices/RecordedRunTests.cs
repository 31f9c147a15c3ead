using System.Runtime.InteropServices;

namespace Pipeline.Inference.Tests;

/// <summary>When a replayed CUDA graph is trusted.</summary>
public sealed class RecordedRunTests
{
    private static readonly OutputSpec Scores = TinyModel.Signature.Outputs[1];

    [Theory]
    [InlineData(100f, 100f)]
    [InlineData(100f, 100.09f)]
    [InlineData(float.NaN, float.NaN)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    public void Compare_SameWithinTheTolerance_IsTrusted(float expected, float replayed) =>
        RecordedRun.Compare(Scores, Bytes(100, expected), Bytes(100, replayed));

    [Theory]
    [InlineData(100f, 100.2f)]
    [InlineData(1f, float.NaN)]
    [InlineData(float.NaN, 1f)]
    [InlineData(100f, 0f)]
    public void Compare_Otherwise_SaysWhichOutputAndWhatToDo(float expected, float replayed)
    {
        var exception = Assert.Throws<ModelRunException>(
            () => RecordedRun.Compare(Scores, Bytes(100, expected), Bytes(100, replayed)));
        Assert.Contains("'scores'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Inference:CudaGraph", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_Labels_MustBeTheSame()
    {
        var labels = new OutputSpec("labels", OutputRole.Labels, [1]);
        RecordedRun.Compare(labels, [1, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Throws<ModelRunException>(
            () => RecordedRun.Compare(labels, [1, 0, 0, 0, 0, 0, 0, 0], [2, 0, 0, 0, 0, 0, 0, 0]));
    }

    private static byte[] Bytes(params ReadOnlySpan<float> values) => MemoryMarshal.AsBytes(values).ToArray();
}
