using System.Collections.Immutable;

namespace Pipeline.Inference;

/// <summary>
/// A loaded model that runs batches. The seam between batching and ONNX Runtime: tests batch over a session that
/// blocks, fails or hangs on command.
/// </summary>
public interface IModelSession : IDisposable
{
    /// <summary>
    /// What really runs the model: "cpu", "cuda", … ("cuda+cpu" where some nodes are left to the CPU).
    /// </summary>
    string Provider { get; }

    /// <summary>Providers that were tried before the one that runs, each with the reason: "cuda: …".</summary>
    ImmutableArray<string> RejectedProviders => [];

    /// <summary>
    /// How many runs may have been begun and not ended: 1, or 2 on a device, which goes on with the second without waiting for this
    /// program.
    /// </summary>
    int RunsInFlight => 1;

    /// <summary>Makes a slot for this session's runs. The caller owns it. Any thread may call.</summary>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    BatchSlot CreateSlot();

    /// <summary>
    /// Runs the slot's images. Where <see cref="RunsInFlight"/> is 1, this blocks until the outputs are written; otherwise the run is
    /// under way when this returns, behind those begun before, and <see cref="WaitForOutputs"/> waits for its end. One thread at a
    /// time.
    /// </summary>
    /// <param name="slot">A slot of this session with at least one image.</param>
    /// <exception cref="ModelRunException">The run failed; the session is not to be used again.</exception>
    /// <exception cref="ObjectDisposedException">The session or the slot is disposed.</exception>
    void Run(BatchSlot slot);

    /// <summary>
    /// Waits until a slot's run has ended and its outputs are in the slot; one thread at a time, which may be another one than that
    /// of the runs. Where <see cref="RunsInFlight"/> is 1, nobody needs to call it.
    /// </summary>
    /// <param name="slot">A slot that was run.</param>
    /// <exception cref="ModelRunException">The run failed; the session is not to be used again.</exception>
    void WaitForOutputs(BatchSlot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        slot.WaitForOutputs();
    }

    /// <summary>
    /// Says that a run has not come back and is given up. A device whose run hangs is lost with it: nothing can be given back to
    /// it, and no other session of the process can use it.
    /// </summary>
    /// <returns>Whether a device is lost; a run on the CPU takes its thread and its memory alone.</returns>
    bool AbandonRun() => false;
}
