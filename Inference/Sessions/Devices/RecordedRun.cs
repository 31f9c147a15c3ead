using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Pipeline.Inference;

/// <summary>
/// A CUDA graph: ONNX Runtime records what the second run with these options does on the device, and replays it from then on,
/// over the same memory. It is not trusted before a replay has given what a plain run gave.
/// </summary>
internal sealed class RecordedRun : IDisposable
{
    /// <summary>The number by which ONNX Runtime knows a run that is not to be recorded.</summary>
    private const int NotRecorded = -1;

    /// <summary>
    /// The most that a replay may differ, as a share of the largest value. The kernels are the same, so their results are, but
    /// for those that add in no fixed order.
    /// </summary>
    public const float Tolerance = 1e-3f;

    /// <summary>Numbers given so far, one a graph of the process.</summary>
    private static int _numbers;

    /// <summary>A recording that is still to be made.</summary>
    public RecordedRun()
    {
        int number = Interlocked.Increment(ref _numbers);
        Recording = Options(number, waits: true);
        Replay = Options(number, waits: false);
    }

    /// <summary>The options of the run that is recorded.</summary>
    public RunOptions Recording { get; }

    /// <summary>The options of the runs that are replayed.</summary>
    public RunOptions Replay { get; }

    /// <summary>Whether a replay was compared with a plain run.</summary>
    public bool IsVerified { get; set; }

    /// <summary>Options of a run that is not recorded.</summary>
    /// <param name="isRecording">Whether the session records others.</param>
    public static RunOptions Plain(bool isRecording) => isRecording ? Options(NotRecorded, waits: true) : Options(null, waits: false);

    // Where a session records, ONNX Runtime 1.29 takes the locked memory of a run's lists (Concat has some) back only if it waits
    // for the run's end. Otherwise the next recording finds none left and takes new memory, which breaks it.
    private static RunOptions Options(int? number, bool waits)
    {
        var options = new RunOptions();
        options.AddRunConfigEntry("disable_synchronize_execution_providers", waits ? "0" : "1");
        if (number is { } known)
        {
            options.AddRunConfigEntry("gpu_graph_id", known.ToString(CultureInfo.InvariantCulture));
        }

        return options;
    }

    /// <summary>Compares an output of a replay with that of a plain run.</summary>
    /// <param name="output">Which output.</param>
    /// <param name="expected">Values of the plain run: float32, or int64 for labels.</param>
    /// <param name="replayed">Values of the replay.</param>
    /// <exception cref="ModelRunException">They differ.</exception>
    public static void Compare(OutputSpec output, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> replayed)
    {
        if (output.Role == OutputRole.Labels
            ? expected.SequenceEqual(replayed)
            : IsNear(MemoryMarshal.Cast<byte, float>(expected), MemoryMarshal.Cast<byte, float>(replayed)))
        {
            return;
        }

        throw new ModelRunException(
            $"A replayed CUDA graph gives other values of the output '{output.Name}' than the run that it was recorded from. "
            + "Set Inference:CudaGraph to false.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Recording.Dispose();
        Replay.Dispose();
    }

    private static bool IsNear(ReadOnlySpan<float> expected, ReadOnlySpan<float> replayed)
    {
        float largest = 0;
        foreach (float value in expected)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        for (int i = 0; i < expected.Length; i++)
        {
            // Written so that NaN on one side alone is a difference.
            bool isSame = expected[i].Equals(replayed[i]) || Math.Abs(expected[i] - replayed[i]) <= Tolerance * largest;
            if (!isSame)
            {
                return false;
            }
        }

        return true;
    }
}
