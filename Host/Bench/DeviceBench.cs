using System.Diagnostics;
using Pipeline.Inference;
using Pipeline.PostProcess;

namespace Pipeline.Host.Bench;

/// <summary>
/// Measures one model on a device: at several batch sizes and in several ways, with its copies, and compares every result with
/// the CPU's. Needs no OpenCV.
/// </summary>
internal sealed class DeviceBench
{
    /// <summary>As many slots as the pipeline has.</summary>
    private const int Slots = 3;

    /// <summary>Runs of a measurement at least, however long they take.</summary>
    private const int LeastRuns = 6;

    private readonly ModelManifest _single;
    private readonly ModelManifest _half;
    private readonly bool _hasRandomWeights;
    private readonly ModelSessionOptions _options;
    private readonly TimeSpan _duration;
    private readonly IReadOnlyList<Picture> _pictures;
    private readonly IReadOnlyList<PictureResult> _references;

    /// <summary>Prepares: runs the pictures on the CPU.</summary>
    /// <param name="single">The model in single precision.</param>
    /// <param name="half">The same in half precision.</param>
    /// <param name="hasRandomWeights">Whether the model was never trained.</param>
    /// <param name="options">Provider, device and libraries.</param>
    /// <param name="duration">How long each figure is measured.</param>
    /// <param name="pictures">Pictures to run, at least one.</param>
    /// <exception cref="ModelException">The model can't be used.</exception>
    public DeviceBench(
        ModelManifest single,
        ModelManifest half,
        bool hasRandomWeights,
        ModelSessionOptions options,
        TimeSpan duration,
        IReadOnlyList<Picture> pictures)
    {
        _single = single;
        _half = half;
        _hasRandomWeights = hasRandomWeights;
        _options = options;
        _duration = duration;
        _pictures = pictures;

        // What the CPU gives is what all else is compared with.
        using OnnxModelSession cpu = OnnxModelSession.Open(
            single.OnnxPath, single.Signature, options with { Provider = ExecutionProvider.Cpu, BatchSizes = [1] });
        using BatchSlot slot = cpu.CreateSlot();
        _references = [.. pictures.Select((_, i) => Run(cpu, slot, single, i))];
    }

    /// <summary>Measures one setup at one batch size. What does not run is noted, and no error.</summary>
    public SetupFigures Measure(DeviceSetup setup, int batch, CancellationToken cancellationToken)
    {
        ModelManifest manifest = setup.IsHalf ? _half : _single;
        try
        {
            using OnnxModelSession session = OnnxModelSession.Open(
                manifest.OnnxPath, manifest.Signature, setup.Apply(_options) with { BatchSizes = [batch] });
            BatchSlot[] slots = [.. Enumerable.Range(0, Slots).Select(_ => session.CreateSlot())];
            try
            {
                ParityFigures parity = Compare(session, slots, manifest, batch, setup.Bounds, cancellationToken);
                RateFigures rate = MeasureRate(session, slots, batch, cancellationToken);
                LatencyFigures latency = MeasureLatency(session, slots[0], cancellationToken);
                return new SetupFigures(setup.Name, batch, session.Provider, null, rate, latency, parity);
            }
            finally
            {
                Array.ForEach(slots, slot => slot.Dispose());
            }
        }
        catch (Exception exception) when (exception is ModelException or ModelRunException)
        {
            return new SetupFigures(setup.Name, batch, null, exception.Message, null, null, null);
        }
    }

    // As the pipeline does it: the next run is begun while one is at hand, and the last one's outputs are copied meanwhile.
    private RateFigures MeasureRate(OnnxModelSession session, BatchSlot[] slots, int batch, CancellationToken cancellationToken)
    {
        DeviceTimes sum = default;
        int runs = 0;
        long start = Stopwatch.GetTimestamp();
        session.Run(slots[0]);
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            session.Run(slots[(runs + 1) % Slots]);
            End();
        }
        while (runs < LeastRuns || Stopwatch.GetElapsedTime(start) < _duration);

        End();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double fps = Math.Round(runs * batch / seconds, 2);
        return sum == default
            ? new RateFigures(fps, null, null, null, null, null)
            : new RateFigures(
                fps,
                Math.Round(runs * batch / sum.Run.TotalSeconds, 2),
                Mean(sum.Run),
                Mean(sum.CopyIn),
                Mean(sum.CopyOut),
                Math.Round(1 - (sum.Run.TotalSeconds / seconds), 4));

        void End()
        {
            BatchSlot slot = slots[runs % Slots];
            slot.WaitForOutputs();
            sum = slot.DeviceTimes is { } times ? sum + times : sum;
            runs++;
        }

        double Mean(TimeSpan time) => Math.Round(time.TotalMilliseconds / runs, 4);
    }

    private LatencyFigures MeasureLatency(OnnxModelSession session, BatchSlot slot, CancellationToken cancellationToken)
    {
        var milliseconds = new List<double>();
        long start = Stopwatch.GetTimestamp();
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            long begun = Stopwatch.GetTimestamp();
            session.Run(slot);
            slot.WaitForOutputs();
            milliseconds.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
        while (milliseconds.Count < LeastRuns || Stopwatch.GetElapsedTime(start) < _duration);

        milliseconds.Sort();
        return new LatencyFigures(Percentile(0.5), Percentile(0.99));

        double Percentile(double share) => Math.Round(milliseconds[(int)((milliseconds.Count - 1) * share)], 4);
    }

    /// <summary>Fills every slot with the pictures in turn, runs it, and compares all its places with the CPU's.</summary>
    private ParityFigures Compare(
        OnnxModelSession session,
        BatchSlot[] slots,
        ModelManifest manifest,
        int batch,
        ParityBounds bounds,
        CancellationToken cancellationToken)
    {
        IDetectionDecoder decoder = manifest.CreateDecoder();
        var check = new ParityCheck(bounds, _hasRandomWeights);
        int picture = 0;
        while (picture < Math.Max(_pictures.Count, Slots * batch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            BatchSlot slot = slots[picture / batch % Slots];
            Fill(slot, manifest, picture, batch);
            session.Run(slot);
            for (int image = 0; image < batch; image++, picture++)
            {
                PictureResult expected = _references[picture % _pictures.Count];
                bool isFirst = picture < _pictures.Count;
                check.Add(expected, PictureResult.Of(slot.Outputs(image), decoder), isFirst);
            }
        }

        return check.Figures;
    }

    private PictureResult Run(OnnxModelSession session, BatchSlot slot, ModelManifest manifest, int picture)
    {
        Fill(slot, manifest, picture, images: 1);
        session.Run(slot);
        return PictureResult.Of(slot.Outputs(0), manifest.CreateDecoder());
    }

    private void Fill(BatchSlot slot, ModelManifest manifest, int firstPicture, int images)
    {
        var preprocessor = new Preprocessor(manifest.Input);
        slot.ImageCount = images;
        for (int image = 0; image < images; image++)
        {
            _pictures[(firstPicture + image) % _pictures.Count].Prepare(preprocessor, slot.Input(image));
        }
    }
}
