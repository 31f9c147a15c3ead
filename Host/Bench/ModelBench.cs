using System.Diagnostics;
using Pipeline.Inference;

namespace Pipeline.Host.Bench;

/// <summary>The paper's own networks, with random weights, on the provider at hand.</summary>
internal static class ModelBench
{
    private const int LargestBatch = 8;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(5);

    /// <summary>Writes both networks into a folder and measures their runs at batch 1 and 8.</summary>
    /// <param name="options">Provider and threads.</param>
    /// <param name="folder">Where the networks go: some 200 MB.</param>
    /// <param name="progress">Where to say what is being measured.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static ModelsFigures Measure(ModelSessionOptions options, string folder, TextWriter progress, CancellationToken cancellationToken)
    {
        return new ModelsFigures(Of(Vgg16SsdVariant.Ssd300), Of(Vgg16SsdVariant.Ssd512));

        ModelFigures Of(Vgg16SsdVariant variant)
        {
            progress.WriteLine($"building and measuring {variant}");
            ModelManifest manifest = Vgg16SsdBuilder.Build(new Vgg16SsdOptions { Variant = variant }, folder, cancellationToken).Manifest;
            return new ModelFigures(Measure(manifest, options, 1, cancellationToken), Measure(manifest, options, LargestBatch, cancellationToken));
        }
    }

    private static BatchFigures Measure(ModelManifest manifest, ModelSessionOptions options, int batch, CancellationToken cancellationToken)
    {
        using OnnxModelSession session = OnnxModelSession.Open(
            manifest.OnnxPath, manifest.Signature, options with { BatchSizes = [batch] });
        using BatchSlot slot = session.CreateSlot();
        slot.ImageCount = batch;
        for (int image = 0; image < batch; image++)
        {
            slot.Input(image).Clear();
        }

        int runs = 0;
        long start = Stopwatch.GetTimestamp();
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            session.Run(slot);
            slot.WaitForOutputs();
            runs++;
        }
        while (Stopwatch.GetElapsedTime(start) < Enough);

        return new BatchFigures(Math.Round(runs * batch / Stopwatch.GetElapsedTime(start).TotalSeconds, 3));
    }
}
