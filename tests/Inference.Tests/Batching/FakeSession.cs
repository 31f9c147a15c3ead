using System.Runtime.InteropServices;

namespace Pipeline.Inference.Tests;

/// <summary>
/// A session that blocks, fails or hangs on command. It copies the first value of each image into its first box and
/// score, so that every result can be told apart.
/// </summary>
internal sealed class FakeSession : IModelSession
{
    private readonly EventCounter _begun = new("runs begun");
    private volatile SemaphoreSlim? _gate;
    private readonly EventCounter _ended = new("runs ended");
    private readonly EventCounter _disposed = new("sessions disposed");
    private volatile Exception? _failure;
    private int _runsBeforeFailure;
    private int _endedRuns;

    public FakeSession(int[]? batchSizes = null, InputSpec? input = null)
    {
        Signature = new ModelSignature(input ?? TinyModel.Input, TinyModel.Signature.Outputs);
        BatchSizes = batchSizes ?? [1];
    }

    public ModelSignature Signature { get; }

    public int[] BatchSizes { get; }

    public string Provider => "fake";

    public bool IsDisposed { get; private set; }

    /// <summary>
    /// Whether runs are on a device: they end when their outputs are waited for, and one that hangs takes the device with it.
    /// </summary>
    public bool HasDevice { get; init; }

    public int RunsInFlight => HasDevice ? 2 : 1;

    public List<BatchSlot> Slots { get; } = [];

    /// <summary>The first value of every computed place, padding included, run by run.</summary>
    public List<float[]> Runs { get; } = [];

    /// <summary>Runs stop until <see cref="Release"/>.</summary>
    public void Block() => _gate = new SemaphoreSlim(0);

    public void Release()
    {
        SemaphoreSlim? gate = _gate;
        _gate = null;
        gate?.Release(RunsInFlight);
    }

    /// <summary>Lets the oldest run go on, and the others stop.</summary>
    public void ReleaseOne() => _gate!.Release();

    /// <summary>What the beginning of every run but the first throws.</summary>
    public Exception? BeginFailure { get; init; }

    /// <summary>Every run from now on fails.</summary>
    public void Fail(Exception exception) => FailAfter(0, exception);

    /// <summary>Every run fails after so many more that succeed.</summary>
    public void FailAfter(int runs, Exception exception)
    {
        _runsBeforeFailure = runs;
        _failure = exception;
    }

    /// <summary>Every run from now on succeeds.</summary>
    public void Recover() => _failure = null;

    /// <summary>Waits until one more run has begun.</summary>
    public Task BegunAsync() => _begun.TakeAsync(1);

    /// <summary>Waits until one more run has ended, well or badly.</summary>
    public Task EndedAsync() => _ended.TakeAsync(1);

    /// <summary>Waits until it has been disposed.</summary>
    public Task DisposedAsync() => _disposed.TakeAsync(1);

    /// <summary>Thrown in place of a slot.</summary>
    public Exception? SlotFailure { get; set; }

    public BatchSlot CreateSlot()
    {
        if (SlotFailure is { } failure)
        {
            throw failure;
        }

        var slot = new BatchSlot(Signature, [.. BatchSizes]);
        Slots.Add(slot);
        return slot;
    }

    public void Run(BatchSlot slot)
    {
        slot.BeginRun();
        try
        {
            Runs.Add([.. Enumerable.Range(0, slot.BatchSize).Select(image => FirstValue(slot, image))]);
            if (BeginFailure is { } failure && Runs.Count > 1)
            {
                throw failure;
            }

            _begun.Add();
            if (!HasDevice)
            {
                End(slot);
            }
        }
        finally
        {
            slot.EndRun();
            if (!HasDevice)
            {
                _ended.Add();
            }
        }
    }

    public void WaitForOutputs(BatchSlot slot)
    {
        if (HasDevice)
        {
            End(slot);
        }
    }

    public bool AbandonRun() => HasDevice;

    public void Dispose()
    {
        IsDisposed = true;
        _disposed.Add();
    }

    private void End(BatchSlot slot)
    {
        _gate?.Wait();
        if (_failure is { } failure && ++_endedRuns > _runsBeforeFailure)
        {
            throw failure;
        }

        for (int image = 0; image < slot.ImageCount; image++)
        {
            float value = FirstValue(slot, image);
            slot.Output<float>(OutputRole.Boxes, image).Fill(value);
            slot.Output<float>(OutputRole.Scores, image).Fill(value);
        }
    }

    private static float FirstValue(BatchSlot slot, int image) => MemoryMarshal.Cast<byte, float>(slot.Input(image))[0];
}
