using Pipeline.PostProcess;

namespace Pipeline.Host.Bench;

/// <summary>
/// What a device's results must satisfy in a precision, against the CPU's in single precision. docs/gpu.md has them in a table.
/// </summary>
/// <param name="Score">The largest difference of a logit.</param>
/// <param name="Box">The largest difference of a box code.</param>
/// <param name="LeastScore">Detections above this score must be the same; 0 for the whole lists, scores included.</param>
internal sealed record ParityBounds(double Score, double Box, float LeastScore)
{
    /// <summary>Detections are the same object if their corners are so near, as shares of the image's sides.</summary>
    private const double Near = 0.02;

    /// <summary>How far below <see cref="LeastScore"/> the other's score may be: somewhere the line has to be.</summary>
    private const float ScoreRoom = 0.1f;

    /// <summary>Strict single precision: sums in another order.</summary>
    public static ParityBounds Single { get; } = new(0.001, 0.001, 0);

    /// <summary>Products with a mantissa of 10 bits.</summary>
    public static ParityBounds TensorFloat32 { get; } = new(0.1, 0.1, 0.5f);

    /// <summary>Weights and activations of 16 bits.</summary>
    public static ParityBounds Half { get; } = new(0.5, 0.5, 0.5f);

    /// <summary>Whether the largest differences, which may be NaN, are within the bounds.</summary>
    public bool Allow(double score, double box) => score <= Score && box <= Box;

    /// <summary>Whether two lists of detections say the same. Detections of nearly the same score may change places.</summary>
    public bool Agree(IReadOnlyList<Detection> expected, IReadOnlyList<Detection> found) =>
        (LeastScore > 0 || expected.Count == found.Count) && Has(found, expected) && Has(expected, found);

    /// <summary>The largest distance of two boxes' corners in one direction, as a share of the image's side.</summary>
    public static double Distance(Box one, Box other) => Math.Max(
        Math.Max(Math.Abs(one.X1 - other.X1), Math.Abs(one.Y1 - other.Y1)),
        Math.Max(Math.Abs(one.X2 - other.X2), Math.Abs(one.Y2 - other.Y2)));

    private bool Has(IReadOnlyList<Detection> list, IReadOnlyList<Detection> wanted) => wanted
        .Where(detection => detection.Score > LeastScore)
        .All(detection => list.Any(other => IsSame(detection, other)));

    private bool IsSame(in Detection one, in Detection other) =>
        one.ClassId == other.ClassId
        && Distance(one.Box, other.Box) <= Near
        && (LeastScore > 0 ? other.Score > LeastScore - ScoreRoom : Math.Abs(one.Score - other.Score) <= Score);
}
