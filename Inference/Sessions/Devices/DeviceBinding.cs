using Microsoft.ML.OnnxRuntime;

namespace Pipeline.Inference;

/// <summary>
/// A binding over a device's memory. The input is copied there while another slot runs, if <see cref="BeginUpload"/> is called
/// early enough; the outputs are copied back while the next slot runs, and waited for when they are looked at.
/// </summary>
internal sealed class DeviceBinding : SlotBinding
{
    /// <summary>Milliseconds between two looks at whether a device that somebody waits for was given up.</summary>
    private const int AbandonCheck = 100;

    private readonly IDevice _device;
    private readonly DeviceBuffer _input;
    private readonly DeviceBuffer[] _outputs;
    private readonly DeviceEvent _copyInBegun;
    private readonly DeviceEvent _copyInDone;
    private readonly DeviceEvent _runBegun;
    private readonly DeviceEvent _runDone;
    private readonly DeviceEvent _copyOutBegun;
    private readonly DeviceEvent _copyOutDone;

    /// <summary>Options of a run that is not recorded.</summary>
    private readonly RunOptions _plain;

    /// <summary>The recorded run of the one batch size; null where runs are not recorded.</summary>
    private readonly RecordedRun? _recorded;

    /// <summary>Held for writing while a run is recorded, and by all other calls of the device for reading.</summary>
    private readonly ReaderWriterLockSlim? _recording;

    /// <summary>The bindings, by batch size.</summary>
    private readonly OrtIoBinding[] _bindings;

    /// <summary>Whether the input of the next run is on its way.</summary>
    private bool _isUploaded;

    /// <summary>Whether the outputs of the last run are on their way.</summary>
    private bool _isPending;

    /// <summary>Why the outputs of the last run are lost; null where they are not.</summary>
    private ModelRunException? _loss;

    /// <summary>Binds a slot to a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="slot">A slot for its model.</param>
    /// <param name="device">The device that the session runs on.</param>
    /// <param name="recording">
    /// The session's lock on recordings: CUDA gives one up when another thread calls it meanwhile. Null where no run is
    /// recorded; otherwise the slot's run is, at its first, and replayed from then on.
    /// </param>
    /// <exception cref="ModelRunException">The device fails, or has too little memory.</exception>
    public DeviceBinding(OnnxModelSession session, BatchSlot slot, IDevice device, ReaderWriterLockSlim? recording)
        : base(session, slot)
    {
        _device = device;
        _recording = recording;
        _bindings = new OrtIoBinding[slot.BatchSizes.Length];
        _outputs = new DeviceBuffer[slot.Signature.Outputs.Length];
        try
        {
            (_copyInBegun, _copyInDone) = (Own(new DeviceEvent(device)), Own(new DeviceEvent(device)));
            (_runBegun, _runDone) = (Own(new DeviceEvent(device)), Own(new DeviceEvent(device)));
            (_copyOutBegun, _copyOutDone) = (Own(new DeviceEvent(device)), Own(new DeviceEvent(device)));
            _plain = Own(RecordedRun.Plain(isRecording: recording is not null));
            _recorded = recording is null ? null : Own(new RecordedRun());
            AllocateHalves(device.AllocateHost);
            _input = Own(new DeviceBuffer(device, slot.InputBuffer.Length));
            for (int i = 0; i < _outputs.Length; i++)
            {
                _outputs[i] = Own(new DeviceBuffer(device, HostOutput(i).Length));
            }

            for (int i = 0; i < _bindings.Length; i++)
            {
                _bindings[i] = Own(session.CreateBinding());
                Bind(i, slot.BatchSizes[i]);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override bool IsAbandoned => _device.IsAbandoned;

    /// <inheritdoc/>
    public override void BeginUpload()
    {
        lock (Gate)
        {
            if (IsDisposed || _isUploaded)
            {
                return;
            }

            EnterShared();
            try
            {
                Upload();
                _isUploaded = true;
            }
            finally
            {
                _recording?.ExitReadLock();
            }
        }
    }

    /// <inheritdoc/>
    public override void Run(InferenceSession session)
    {
        BeginUpload();
        OrtIoBinding binding = _bindings[Slot.SizeIndex];
        if (_recorded is { IsVerified: false })
        {
            Verify(session, _recorded, binding);
        }

        RunOnce(session, _recorded?.Replay ?? _plain, binding);
        _isUploaded = false;
    }

    /// <inheritdoc/>
    public override void Complete()
    {
        if (!_isPending && _loss is null)
        {
            return;
        }

        ThrowIfAbandoned();
        lock (Gate)
        {
            if (_loss is { } loss)
            {
                throw new ModelRunException(loss.Message, loss) { IsDeviceLost = loss.IsDeviceLost };
            }

            if (_isPending)
            {
                WaitForCopies();
                WidenHalves();
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>The session may end before a slot's outputs were looked at: they are fetched first.</remarks>
    protected override void End()
    {
        try
        {
            if (!_isPending || _device.Loss is null)
            {
                Complete();
                return;
            }

            _isPending = false;
            _loss = new ModelRunException("The device is lost, and the outputs with it.") { IsDeviceLost = true };
        }
        catch (ModelRunException exception)
        {
            _loss = exception;
        }
    }

    private void WaitForCopies()
    {
        EnterShared();
        try
        {
            _copyOutDone.Wait();
            _isPending = false;
            Slot.DeviceTimes = new DeviceTimes(
                _copyInDone.Since(_copyInBegun), _runDone.Since(_runBegun), _copyOutDone.Since(_copyOutBegun));
        }
        finally
        {
            _recording?.ExitReadLock();
        }
    }

    // A recording that hangs holds the lock for ever; whoever waits for it looks whether the device was given up.
    private void EnterShared()
    {
        while (_recording?.TryEnterReadLock(AbandonCheck) == false)
        {
            ThrowIfAbandoned();
        }
    }

    private void ThrowIfAbandoned()
    {
        if (IsAbandoned)
        {
            throw new ModelRunException("The device does not come back, nor do the outputs.") { IsDeviceLost = true };
        }
    }

    private void Upload()
    {
        _copyInBegun.Record(DeviceQueue.CopyIn);
        _device.Copy(
            _input.Address, Slot.InputBuffer.Address, (long)Slot.BatchSize * Slot.Signature.Input.ImageBytes, DeviceQueue.CopyIn);
        _copyInDone.Record(DeviceQueue.CopyIn);
    }

    // Returns when all of it is in the device's queues. Whoever waits for the outputs notices a run that hangs.
    private void RunOnce(InferenceSession session, RunOptions options, OrtIoBinding binding)
    {
        _loss = null;
        _copyInDone.Hold(DeviceQueue.Compute);
        _runBegun.Record(DeviceQueue.Compute);
        session.RunWithBinding(options, binding);
        _runDone.Record(DeviceQueue.Compute);
        _runDone.Hold(DeviceQueue.CopyOut);
        _copyOutBegun.Record(DeviceQueue.CopyOut);
        for (int i = 0; i < _outputs.Length; i++)
        {
            _device.Copy(
                HostOutput(i).Address, _outputs[i].Address, Slot.ImageCount * OutputImageBytes(i), DeviceQueue.CopyOut);
        }

        _copyOutDone.Record(DeviceQueue.CopyOut);
        _isPending = true;
    }

    // Recorded with an empty input, so that a replay that does not read the new one is noticed.
    private void Verify(InferenceSession session, RecordedRun recorded, OrtIoBinding binding)
    {
        RunOnce(session, _plain, binding);
        byte[][] expected = OutputBytes();
        _recording!.EnterWriteLock();
        try
        {
            _device.Clear(_input.Address, _input.Length, DeviceQueue.CopyIn);
            _copyInDone.Record(DeviceQueue.CopyIn);
            RunOnce(session, recorded.Recording, binding);
        }
        finally
        {
            _recording.ExitWriteLock();
        }

        Complete();
        Upload();
        RunOnce(session, recorded.Replay, binding);
        byte[][] replayed = OutputBytes();
        for (int i = 0; i < _outputs.Length; i++)
        {
            RecordedRun.Compare(Slot.Signature.Outputs[i], expected[i], replayed[i]);
        }

        recorded.IsVerified = true;
    }

    private byte[][] OutputBytes()
    {
        Complete();
        return [.. _outputs.Select((_, i) => Slot.OutputBuffer(i)
            .Slice<byte>(0, (int)(Slot.ImageCount * (Slot.OutputBuffer(i).Length / Slot.Capacity))).ToArray())];
    }

    private void Bind(int index, int images)
    {
        _bindings[index].BindInput(
            Slot.Signature.Input.Name, InputTensor(_device.Memory, images, _input.Address, _input.Length));
        for (int i = 0; i < _outputs.Length; i++)
        {
            _bindings[index].BindOutput(
                Slot.Signature.Outputs[i].Name,
                OutputTensor(i, _device.Memory, images, _outputs[i].Address, _outputs[i].Length));
        }
    }
}
