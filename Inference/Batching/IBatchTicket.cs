using Pipeline.PostProcess;

namespace Pipeline.Inference;

/// <summary>
/// What a source puts into its queue: an image and whatever its owner needs to recognise it by. Each ticket comes back
/// exactly once: decoded, failed, or dropped.
/// </summary>
public interface IBatchTicket
{
    /// <summary>The pixels; alive and unchanged until the ticket comes back.</summary>
    ImageView Image { get; }

    /// <summary>
    /// Decodes the model's outputs for it. Asked for once, when they are there; used by the batcher alone, one ticket at a
    /// time, so that any number of tickets and sources may share one decoder. Another one, with other thresholds say, is
    /// good from the next ticket on.
    /// </summary>
    IDetectionDecoder Decoder { get; }
}
