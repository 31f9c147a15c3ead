using Pipeline.Host.Configuration;
using Pipeline.Inference;
using Pipeline.PostProcess;

namespace Pipeline.Host.Running;

/// <summary>
/// The decoders of a run: one for each distinct choice of thresholds and classes, shared by all sources that made it. A
/// decoder is made once and never changed; a source whose thresholds change gets another one, from its next frame on.
/// </summary>
/// <remarks>One thread at a time. The decoders themselves are used by the batcher alone.</remarks>
/// <param name="create">Makes a decoder.</param>
internal sealed class DecoderSet(Func<DetectionSettings, IDetectionDecoder> create)
{
    private Dictionary<(float Score, float? Iou, string Classes), IDetectionDecoder> _decoders = [];

    /// <summary>The most detections that a frame can have, with the thresholds of all sources.</summary>
    public int MaxDetections { get; private set; }

    /// <summary>Chooses a decoder for each source, by its name; those that nobody needs any more are forgotten.</summary>
    /// <exception cref="UsageException">A class wanted is none of the model's.</exception>
    /// <exception cref="ModelException">The model does not allow such thresholds.</exception>
    public IReadOnlyDictionary<string, IDetectionDecoder> Choose(PipelineSettings settings)
    {
        Dictionary<(float Score, float? Iou, string Classes), IDetectionDecoder> chosen = [];

        // Even if no source uses it: thresholds that can't be are refused when they are set.
        MaxDetections = Find(settings.Detection).MaxDetections;
        var bySource = settings.Sources.ToDictionary(source => source.Name!, FindFor, StringComparer.OrdinalIgnoreCase);
        _decoders = chosen;
        return bySource;

        IDetectionDecoder FindFor(SourceSettings source)
        {
            try
            {
                return Find(settings.Detection.With(source.Detection));
            }
            catch (UsageException e) when (source.Detection is not null)
            {
                throw new UsageException($"{source.Name}: {e.Message}", e);
            }
            catch (ModelException e) when (source.Detection is not null)
            {
                throw new ModelException($"{source.Name}: {e.Message}", e);
            }
        }

        IDetectionDecoder Find(DetectionSettings detection)
        {
            var key = (detection.Score, detection.Iou, string.Join('\n', detection.Classes));
            IDetectionDecoder decoder = chosen.GetValueOrDefault(key) ?? _decoders.GetValueOrDefault(key) ?? create(detection);
            chosen[key] = decoder;
            return decoder;
        }
    }
}
