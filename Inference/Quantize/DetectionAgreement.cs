using Pipeline.PostProcess;

namespace Pipeline.Inference;

/// <summary>How far two models that take the same input find the same objects, and how long each takes.</summary>
/// <remarks>
/// A detection of the one is matched with one of the other that has the same class and an IoU of at least
/// <see cref="MatchIou"/>, the best scores first, each at most once.
/// </remarks>
/// <param name="Images">Images compared.</param>
/// <param name="ReferenceDetections">Detections of the reference.</param>
/// <param name="OtherDetections">Detections of the other model.</param>
/// <param name="Matched">Pairs of detections that match.</param>
/// <param name="MeanScoreDifference">Mean of |score − score′| over the pairs; 0 without pairs.</param>
/// <param name="LargestScoreDifference">The largest of them.</param>
/// <param name="ReferenceMilliseconds">Median time of a run of the reference, one image.</param>
/// <param name="OtherMilliseconds">The same of the other model.</param>
public sealed record DetectionAgreement(
    int Images,
    int ReferenceDetections,
    int OtherDetections,
    int Matched,
    double MeanScoreDifference,
    double LargestScoreDifference,
    double ReferenceMilliseconds,
    double OtherMilliseconds)
{
    /// <summary>Overlap from which two boxes are the same object: COCO's and VOC's.</summary>
    public const float MatchIou = 0.5f;

    /// <summary>Runs both models over images, in turn, so that what else the machine does hits both alike.</summary>
    /// <param name="reference">The model to compare with.</param>
    /// <param name="other">The other one; its input must be the same.</param>
    /// <param name="images">
    /// Images as <see cref="Preprocessor"/> writes them; each is used before the next is asked for.
    /// </param>
    /// <param name="session">How the models are run; one image at a time, whatever batch sizes it names.</param>
    /// <param name="clock">Measures the runs.</param>
    /// <param name="cancellationToken">Ends the comparison between two images.</param>
    /// <exception cref="ModelException">A model cannot be used, or the inputs differ.</exception>
    public static DetectionAgreement Measure(
        ModelManifest reference,
        ModelManifest other,
        IEnumerable<ReadOnlyMemory<byte>> images,
        ModelSessionOptions session,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(other);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(clock);
        if (reference.Input.ImageBytes != other.Input.ImageBytes)
        {
            throw new ModelException($"{reference.Name} and {other.Name} take different inputs, so they cannot be compared.");
        }

        ModelSessionOptions single = session with { BatchSizes = [1] };
        using Runner first = new(reference, single, clock);
        using Runner second = new(other, single, clock);
        List<double> differences = [];
        (int count, int found, int foundByOther) = (0, 0, 0);
        foreach (ReadOnlyMemory<byte> image in images)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadOnlySpan<Detection> ours = first.Run(image.Span);
            ReadOnlySpan<Detection> theirs = second.Run(image.Span);
            Match(ours, theirs, differences);
            count++;
            found += ours.Length;
            foundByOther += theirs.Length;
        }

        return new DetectionAgreement(
            count,
            found,
            foundByOther,
            differences.Count,
            differences.DefaultIfEmpty(0).Average(),
            differences.DefaultIfEmpty(0).Max(),
            first.MedianMilliseconds,
            second.MedianMilliseconds);
    }

    /// <summary>Pairs the detections of one image and notes the difference in score of each pair.</summary>
    internal static void Match(ReadOnlySpan<Detection> ours, ReadOnlySpan<Detection> theirs, List<double> differences)
    {
        bool[] isTaken = new bool[theirs.Length];
        foreach (Detection detection in ours)
        {
            for (int i = 0; i < theirs.Length; i++)
            {
                if (!isTaken[i]
                    && theirs[i].ClassId == detection.ClassId
                    && theirs[i].Box.Iou(detection.Box) >= MatchIou)
                {
                    isTaken[i] = true;
                    differences.Add(Math.Abs((double)theirs[i].Score - detection.Score));
                    break;
                }
            }
        }
    }

    private sealed class Runner : IDisposable
    {
        private readonly TimeProvider _clock;
        private readonly OnnxModelSession _session;
        private readonly BatchSlot _slot;
        private readonly IDetectionDecoder _decoder;
        private readonly Detection[] _detections;
        private readonly List<double> _milliseconds = [];

        public Runner(ModelManifest manifest, ModelSessionOptions options, TimeProvider clock)
        {
            _clock = clock;
            manifest.CheckFile();
            _decoder = manifest.CreateDecoder();
            _detections = new Detection[_decoder.MaxDetections];
            _session = OnnxModelSession.Open(manifest.OnnxPath, manifest.Signature, options);
            _slot = _session.CreateSlot();
            _slot.ImageCount = 1;
        }

        public double MedianMilliseconds =>
            _milliseconds.Count > 0 ? _milliseconds.Order().ElementAt(_milliseconds.Count / 2) : 0;

        public ReadOnlySpan<Detection> Run(ReadOnlySpan<byte> image)
        {
            image.CopyTo(_slot.Input(0));
            long start = _clock.GetTimestamp();
            _session.Run(_slot);
            _milliseconds.Add(_clock.GetElapsedTime(start).TotalMilliseconds);
            return _detections.AsSpan(0, _decoder.Decode(_slot.Outputs(0), _detections).Count);
        }

        public void Dispose()
        {
            _slot.Dispose();
            _session.Dispose();
        }
    }
}
