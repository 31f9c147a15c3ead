using Pipeline.PostProcess;

namespace Pipeline.Inference;

/// <summary>
/// Where tickets come back to, and what measures the stages. Tickets of one source come back in the order in which they
/// were queued; <see cref="OnDecoded"/>, <see cref="OnFailed"/> and the drops at a stop are called by one thread at a
/// time. The other calls come from other threads. No call may block for long: it holds its stage up.
/// </summary>
/// <typeparam name="TTicket">The ticket.</typeparam>
public interface IBatchObserver<in TTicket>
    where TTicket : IBatchTicket
{
    /// <summary>A ticket's image was written into a slot; the ticket is still on its way.</summary>
    /// <param name="ticket">The ticket.</param>
    /// <param name="elapsed">What the preprocessing took.</param>
    /// <param name="batch">The number of its batch, from 1.</param>
    void OnPrepared(TTicket ticket, TimeSpan elapsed, long batch);

    /// <summary>A batch was run.</summary>
    /// <param name="images">Images in it.</param>
    /// <param name="batchSize">Images that were computed: those, and padding.</param>
    /// <param name="elapsed">What the run took.</param>
    /// <param name="batch">Its number.</param>
    void OnRun(int images, int batchSize, TimeSpan elapsed, long batch);

    /// <summary>A batch was run on a device, and its outputs have come back; the CPU has no such run.</summary>
    /// <param name="images">Images in it.</param>
    /// <param name="times">What run and copies took there.</param>
    void OnDeviceRun(int images, in DeviceTimes times)
    {
    }

    /// <summary>A ticket comes back with its detections.</summary>
    /// <param name="ticket">The ticket; from now on the observer's.</param>
    /// <param name="detections">
    /// Boxes as shares of the ticket's image, score descending; good until this returns.
    /// </param>
    /// <param name="nonFinite">Values of the model's output that were NaN or infinite.</param>
    /// <param name="elapsed">What decoding and suppression took.</param>
    /// <param name="batch">The number of its batch.</param>
    void OnDecoded(TTicket ticket, ReadOnlySpan<Detection> detections, int nonFinite, TimeSpan elapsed, long batch);

    /// <summary>A ticket comes back without detections, because its image or its run failed.</summary>
    /// <param name="ticket">The ticket; from now on the observer's.</param>
    /// <param name="exception">What went wrong.</param>
    void OnFailed(TTicket ticket, Exception exception);

    /// <summary>A ticket comes back without having been run.</summary>
    /// <param name="ticket">The ticket; from now on the observer's.</param>
    /// <param name="reason">Why.</param>
    void OnDropped(TTicket ticket, DropReason reason);

    /// <summary>
    /// The session failed or hung and is given up; a new one is opened, unless the exception ends the batching.
    /// </summary>
    /// <param name="exception">What happened.</param>
    /// <param name="hung">Whether its thread and memory had to be abandoned.</param>
    void OnSessionLost(Exception exception, bool hung);

    /// <summary>A new session runs.</summary>
    /// <param name="provider">What it runs on (<see cref="IModelSession.Provider"/>).</param>
    void OnSessionReopened(string provider);
}
