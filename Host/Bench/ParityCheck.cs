using Pipeline.PostProcess;

namespace Pipeline.Host.Bench;

/// <summary>What a model gave for a picture.</summary>
/// <param name="Boxes">The box codes.</param>
/// <param name="Scores">The logits.</param>
/// <param name="Detections">What was decoded from them.</param>
internal sealed record PictureResult(float[] Boxes, float[] Scores, Detection[] Detections)
{
    /// <summary>Copies and decodes a picture's outputs.</summary>
    public static PictureResult Of(HeadOutputs outputs, IDetectionDecoder decoder)
    {
        var detections = new Detection[decoder.MaxDetections];
        int count = decoder.Decode(outputs, detections).Count;
        return new PictureResult(outputs.Boxes.ToArray(), outputs.Scores.ToArray(), detections[..count]);
    }
}

/// <summary>
/// Compares results with the CPU's, picture by picture. A network with random weights finds hundreds of boxes of nearly the same
/// score; which of them suppression leaves turns on the last digit, in any precision, so that for it the outputs alone count.
/// </summary>
/// <param name="bounds">What is asked for.</param>
/// <param name="hasRandomWeights">Whether the network was never trained.</param>
internal sealed class ParityCheck(ParityBounds bounds, bool hasRandomWeights)
{
    private readonly Largest _boxes = new();
    private readonly Largest _scores = new();
    private double _corner;
    private int _same;
    private bool _agree = true;

    /// <summary>How it stands.</summary>
    public ParityFigures Figures => new(
        _boxes.Difference,
        _scores.Difference,
        _boxes.Share,
        _scores.Share,
        hasRandomWeights ? null : _same,
        hasRandomWeights ? null : _corner,
        bounds.Allow(_boxes.Share) && bounds.Allow(_scores.Share) && (_agree || hasRandomWeights));

    /// <summary>Adds a picture.</summary>
    /// <param name="expected">The CPU's result.</param>
    /// <param name="found">The device's.</param>
    /// <param name="isFirst">Whether the picture is looked at for the first time, so that its detections count.</param>
    public void Add(PictureResult expected, PictureResult found, bool isFirst)
    {
        _boxes.Add(expected.Boxes, found.Boxes);
        _scores.Add(expected.Scores, found.Scores);
        _agree &= bounds.Agree(expected.Detections, found.Detections);
        if (isFirst && Classes(expected).SequenceEqual(Classes(found)))
        {
            _same++;
            foreach ((Detection one, Detection other) in expected.Detections.Zip(found.Detections))
            {
                _corner = Math.Max(_corner, ParityBounds.Distance(one.Box, other.Box));
            }
        }
    }

    private static IEnumerable<int> Classes(PictureResult result) => result.Detections.Select(detection => detection.ClassId);

    /// <summary>The largest difference of an output, and the largest magnitude of its values. NaN in one of them stays.</summary>
    private sealed class Largest
    {
        private double _magnitude;

        public double Difference { get; private set; }

        /// <summary>0 where nothing differs, an output of zeros included.</summary>
        public double Share => Difference == 0 ? 0 : Difference / _magnitude;

        public void Add(float[] expected, float[] found)
        {
            for (int i = 0; i < expected.Length; i++)
            {
                Difference = Math.Max(Difference, Math.Abs((double)expected[i] - found[i]));
                _magnitude = Math.Max(_magnitude, Math.Abs(expected[i]));
            }
        }
    }
}
