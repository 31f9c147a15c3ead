using System.Runtime.CompilerServices;
using Pipeline.Host.Running;
using Pipeline.Inference;
using Pipeline.PostProcess;

namespace Pipeline.Tests.Running;

/// <summary>A model without a network: every picture gives one detection, and runs fail when the script says so.</summary>
internal static class ScriptedModel
{
    private static readonly ModelSignature Signature = new(
        new InputSpec { Name = "image", Width = 4, Height = 4 },
        [new OutputSpec("boxes", OutputRole.Boxes, [1, 4]), new OutputSpec("scores", OutputRole.Scores, [1, 2])]);

    /// <summary>Makes a run's model.</summary>
    /// <param name="onRun">Called with the number of each run, from 1 over all sessions; what it throws, the run throws.</param>
    /// <param name="score">The score of every detection.</param>
    /// <param name="batch">Images that a batch may have.</param>
    public static RunModel Create(Action<long>? onRun = null, float score = 0.9f, int batch = 1)
    {
        var runs = new StrongBox<long>();
        return new RunModel(
            "scripted",
            LabelMap.FromList(1, ["thing"]),
            () => new Session(run => onRun?.Invoke(run), runs, score, batch),
            detection => SsdDecoder.ForDecodedBoxes(1, new SsdDecoderOptions
            {
                Columns = 2,
                BoxCode = new BoxCodeOptions { Code = BoxCode.Decoded },
                Scores = new ScoreOptions { Function = ScoreFunction.Identity },
                Selection = new SelectionOptions { ScoreThreshold = detection.Score },
            }));
    }

    private sealed class Session(Action<long> onRun, StrongBox<long> runs, float score, int batch) : IModelSession
    {
        public string Provider => "script";

        public BatchSlot CreateSlot() => new(Signature, RunModel.BatchSizes(batch));

        public void Run(BatchSlot slot)
        {
            onRun(++runs.Value);
            for (int image = 0; image < slot.ImageCount; image++)
            {
                new float[] { 0.25f, 0.25f, 0.75f, 0.75f }.CopyTo(slot.Output<float>(OutputRole.Boxes, image));
                new float[] { 0, score }.CopyTo(slot.Output<float>(OutputRole.Scores, image));
            }
        }

        public void Dispose()
        {
        }
    }
}
