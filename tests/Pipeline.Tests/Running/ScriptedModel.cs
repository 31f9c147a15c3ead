using System.Runtime.CompilerServices;
using Pipeline.Host.Running;
using Pipeline.Inference;
using Pipeline.PostProcess;

namespace Pipeline.Tests.Running;

/// <summary>A model without a network: every picture gives the same detections, and runs fail when the script says so.</summary>
internal static class ScriptedModel
{
    /// <summary>Makes a run's model.</summary>
    /// <param name="onRun">Called with the number of each run, from 1 over all sessions; what it throws, the run throws.</param>
    /// <param name="score">The score of every detection.</param>
    /// <param name="batch">Images that a batch may have.</param>
    /// <param name="boxes">Candidates of each picture: each a little beside the one before, with a lower score.</param>
    public static RunModel Create(Action<long>? onRun = null, float score = 0.9f, int batch = 1, int boxes = 1)
    {
        var runs = new StrongBox<long>();
        return new RunModel(
            "scripted",
            LabelMap.FromList(1, ["thing"]),
            () => new Session(run => onRun?.Invoke(run), runs, score, batch, boxes),
            detection => SsdDecoder.ForDecodedBoxes(boxes, new SsdDecoderOptions
            {
                Columns = 2,
                BoxCode = new BoxCodeOptions { Code = BoxCode.Decoded },
                Scores = new ScoreOptions { Function = ScoreFunction.Identity },
                Selection = new SelectionOptions { ScoreThreshold = detection.Score, IouThreshold = detection.Iou ?? 0.5f },
            }));
    }

    private sealed class Session(Action<long> onRun, StrongBox<long> runs, float score, int batch, int boxes) : IModelSession
    {
        private readonly ModelSignature _signature = new(
            new InputSpec { Name = "image", Width = 4, Height = 4 },
            [new OutputSpec("boxes", OutputRole.Boxes, [boxes, 4]), new OutputSpec("scores", OutputRole.Scores, [boxes, 2])]);

        public string Provider => "script";

        public BatchSlot CreateSlot() => new(_signature, RunModel.BatchSizes(batch));

        public void Run(BatchSlot slot)
        {
            onRun(++runs.Value);
            for (int image = 0; image < slot.ImageCount; image++)
            {
                for (int box = 0; box < boxes; box++)
                {
                    float shift = 0.01f * box;
                    new[] { 0.25f + shift, 0.25f, 0.75f + shift, 0.75f }.CopyTo(slot.Output<float>(OutputRole.Boxes, image)[(4 * box)..]);
                    new[] { 0, score * (boxes - box) / boxes }.CopyTo(slot.Output<float>(OutputRole.Scores, image)[(2 * box)..]);
                }
            }
        }

        public void Dispose()
        {
        }
    }
}
