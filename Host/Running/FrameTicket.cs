using OpenCvSharp;
using Pipeline.Capture;
using Pipeline.Inference;
using Pipeline.PostProcess;

namespace Pipeline.Host.Running;

/// <summary>A frame on its way through the batcher, which knows nothing of frames: the image to look at, and whose it is.</summary>
internal readonly struct FrameTicket(Frame frame, SourceLane lane) : IBatchTicket
{
    /// <summary>The frame, with one lease.</summary>
    public Frame Frame { get; } = frame;

    /// <summary>The source it came from.</summary>
    public SourceLane Lane { get; } = lane;

    /// <inheritdoc/>
    public ImageView Image
    {
        get
        {
            Mat image = Frame.Image;
            return new ImageView(image.Data, image.Cols, image.Rows, image.Step());
        }
    }

    /// <inheritdoc/>
    public IDetectionDecoder Decoder => Lane.Decoder;
}
