using Pipeline.PostProcess;

namespace Pipeline.Host.Bench;

/// <summary>
/// What a device's results must satisfy in a precision, against the CPU's in single precision. docs/gpu.md has them in a table, and
/// what they come from.
/// </summary>
/// <param name="Share">
/// The largest difference of a logit or a box code, as a share of the largest magnitude that the CPU gave for that output: what a
/// precision loses grows with the values.
/// </param>
/// <param name="LeastScore">Detections above this score must be the same; 0 for the whole lists, scores included.</param>
internal sealed record ParityBounds(double Share, float LeastScore)
{
    /// <summary>Detections are the same object if their corners are so near, as shares of the image's sides.</summary>
    private const double Near = 0.02;

    /// <summary>How far below <see cref="LeastScore"/> the other's score may be: somewhere the line has to be.</summary>
    private const float ScoreRoom = 0.1f;

    /// <summary>The largest difference of a score, 0 to 1, where whole lists are compared.</summary>
    private const float SameScore = 0.002f;

    /// <summary>Strict single precision: sums in another order, or by Winograd's algorithm.</summary>
    public static ParityBounds Single { get; } = new(0.0002, 0);

    /// <summary>Products with a mantissa of 10 bits.</summary>
    public static ParityBounds TensorFloat32 { get; } = new(0.03, 0.5f);

    /// <summary>Weights and activations of 16 bits, with the same mantissa.</summary>
    public static ParityBounds Half { get; } = new(0.03, 0.5f);

    /// <summary>Whether the largest difference's share, which may be NaN, is within the bounds.</summary>
    public bool Allow(double share) => share <= Share;

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
        && (LeastScore > 0 ? other.Score > LeastScore - ScoreRoom : Math.Abs(one.Score - other.Score) <= SameScore);
}
