using Pipeline.PostProcess;

namespace Pipeline.Inference;

/// <summary>
/// Decodes finished batches and gives every ticket back: with its detections, as failed, or as dropped. All tickets
/// that were taken come back here, one at a time and in the order of their taking.
/// </summary>
/// <typeparam name="TTicket">The ticket.</typeparam>
internal sealed class DecodeStage<TTicket>
    where TTicket : IBatchTicket
{
    /// <summary>The batches and the channels.</summary>
    private readonly BatchRing<TTicket> _ring;

    /// <summary>Gets the tickets.</summary>
    private readonly IBatchObserver<TTicket> _observer;

    /// <summary>The model's input, which boxes refer to.</summary>
    private readonly InputSpec _input;

    /// <summary>Times the decoding.</summary>
    private readonly TimeProvider _time;

    /// <summary>Room for the detections of one ticket; grows to the most that a decoder can give.</summary>
    private Detection[] _detections = [];

    /// <summary>A stage.</summary>
    public DecodeStage(
        BatchRing<TTicket> ring,
        IBatchObserver<TTicket> observer,
        InputSpec input,
        TimeProvider time)
    {
        _ring = ring;
        _observer = observer;
        _input = input;
        _time = time;
    }

    /// <summary>Runs until no more batches are finished.</summary>
    public async Task RunAsync()
    {
        while (await _ring.Finished.Reader.WaitToReadAsync())
        {
            _ring.Finished.Reader.TryRead(out Batch<TTicket>? batch);
            GiveBack(batch!);
            batch!.Clear();
            _ring.Free.Writer.TryWrite(batch);
        }
    }

    private void GiveBack(Batch<TTicket> batch)
    {
        int image = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            try
            {
                TTicket ticket = batch.Ticket(i);
                if (batch.IsStopped)
                {
                    _observer.OnDropped(ticket, DropReason.Stopped);
                }
                else if (batch.Failure(i) is { } failure)
                {
                    _observer.OnFailed(ticket, failure);
                }
                else
                {
                    Decode(ticket, batch.Slot.Outputs(image), batch.Number);
                    image++;
                }
            }
            catch (Exception exception)
            {
                // The ticket was given to the observer, which failed; the others still come back.
                _ring.Fail(exception);
            }
        }
    }

    private void Decode(TTicket ticket, in HeadOutputs outputs, long batch)
    {
        long started = _time.GetTimestamp();
        DecodeResult result;
        try
        {
            IDetectionDecoder decoder = ticket.Decoder;
            if (_detections.Length < decoder.MaxDetections)
            {
                _detections = new Detection[decoder.MaxDetections];
            }

            result = decoder.Decode(outputs, _detections);
        }
        catch (Exception exception)
        {
            // Not the image's fault: no other one would fare better.
            _ring.Fail(exception);
            _observer.OnFailed(ticket, exception);
            return;
        }

        Span<Detection> detections = _detections.AsSpan(0, result.Count);
        if (_input.Fit == FitRule.Letterbox)
        {
            ImageView view = ticket.Image;
            ImagePlacement placement = ImagePlacement.Of(_input, view.Width, view.Height);
            foreach (ref Detection detection in detections)
            {
                detection = detection with { Box = placement.ToImage(_input, detection.Box) };
            }
        }

        _observer.OnDecoded(ticket, detections, result.NonFinite, _time.GetElapsedTime(started), batch);
    }
}
