using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Pipeline.Inference;

/// <summary>
/// A model loaded into ONNX Runtime. It is checked against its manifest and warmed up when it is opened, so that the
/// first frame meets neither. Runs go through bindings made once per slot and batch size, and allocate nothing on the
/// CPU.
/// </summary>
/// <remarks>
/// Disposal may come before or after that of its slots, and while a run is going on: the native session is released
/// when the run is over. One thread runs at a time; slots may be made and disposed meanwhile.
/// </remarks>
public sealed class OnnxModelSession : IModelSession
{
    /// <summary>Runs that a device may have at once: the one at hand, and one that follows at once.</summary>
    private const int RunsOnADevice = 2;

    /// <summary>Native sessions of lost devices, kept so that no finalizer ends them.</summary>
    private static readonly ConcurrentBag<InferenceSession> Lost = [];

    /// <summary>The native session.</summary>
    private readonly InferenceSession _session;

    /// <summary>The session's users: its owner, and a run that is going on.</summary>
    private readonly UseCount _users;

    /// <summary>The slots that were bound and are not freed; also the lock on itself.</summary>
    private readonly HashSet<SlotBinding> _slots = [];

    /// <summary>The device whose memory is bound; null where a slot's own memory is.</summary>
    private readonly IDevice? _device;

    /// <summary>Whether the provider has memory of its own, so that a slot's input is copied before each run.</summary>
    private readonly bool _isCopied;

    /// <summary>The lock on recordings of runs on the device; null where runs are not recorded.</summary>
    private readonly ReaderWriterLockSlim? _recording;

    private OnnxModelSession(OpenedSession opened, ModelSignature signature, ModelSessionOptions options)
    {
        _session = opened.Session;
        _device = opened.Device;
        _isCopied = opened.Provider != ExecutionProvider.Cpu;
        _recording = options.CudaGraph ? new ReaderWriterLockSlim() : null;
        Provider = opened.Description;
        RunsOn = opened.Provider;
        RejectedProviders = opened.Rejected;
        Signature = signature;
        BatchSizes = options.BatchSizes;
        _users = new UseCount(Free);
    }

    /// <inheritdoc/>
    public string Provider { get; }

    /// <summary>The provider that <see cref="Provider"/> names.</summary>
    public ExecutionProvider RunsOn { get; }

    /// <inheritdoc/>
    public ImmutableArray<string> RejectedProviders { get; }

    /// <inheritdoc/>
    public int RunsInFlight => _device is null ? 1 : RunsOnADevice;

    /// <summary>The model's input and outputs.</summary>
    public ModelSignature Signature { get; }

    /// <summary>The batch sizes that are run, ascending.</summary>
    public ImmutableArray<int> BatchSizes { get; }

    /// <summary>Loads a model, checks it and runs each batch size once.</summary>
    /// <param name="path">The .onnx file.</param>
    /// <param name="signature">What its manifest says of its input and outputs.</param>
    /// <param name="options">Provider, threads and batch sizes.</param>
    /// <exception cref="ArgumentException"><see cref="ModelSessionOptions.CudaGraph"/> with several batch sizes.</exception>
    /// <exception cref="ModelException">
    /// The file is no model, it is not what its manifest says, the provider does not work, or the model does not run.
    /// </exception>
    public static OnnxModelSession Open(string path, ModelSignature signature, ModelSessionOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(options);
        if (options.CudaGraph && options.BatchSizes.Length > 1)
        {
            throw new ArgumentException(
                $"A session that records its runs has one batch size, and not {string.Join(", ", options.BatchSizes)}.", nameof(options));
        }

        if (!File.Exists(path))
        {
            throw new ModelException($"There is no model file {path}.");
        }

        return Open(OnnxProviders.Open(path, options), path, signature, options);
    }

    /// <summary>The same with a native session that is open; it is disposed where this fails.</summary>
    internal static OnnxModelSession Open(
        OpenedSession opened, string path, ModelSignature signature, ModelSessionOptions options)
    {
        OnnxModelSession session;
        try
        {
            GraphCheck.Compare(path, opened.Session, signature, options.BatchSizes);
            session = new OnnxModelSession(opened, signature, options);
        }
        catch
        {
            opened.Session.Dispose();
            opened.Device?.Dispose();
            throw;
        }

        try
        {
            session.WarmUp();
            return session;
        }
        catch (Exception exception) when (exception is ModelRunException or OnnxRuntimeException)
        {
            session.Dispose();
            throw new ModelException($"{path} was loaded but does not run: {NativeMessage.OneLine(exception.Message)}", exception);
        }
    }

    /// <inheritdoc/>
    public BatchSlot CreateSlot()
    {
        _users.Check(this);
        return _device is null
            ? new BatchSlot(Signature, BatchSizes)
            : new BatchSlot(Signature, BatchSizes, _device.AllocateHost);
    }

    /// <inheritdoc/>
    public void Run(BatchSlot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        if (slot.Signature != Signature || !slot.BatchSizes.SequenceEqual(BatchSizes) || slot.ImageCount == 0)
        {
            throw new ArgumentException("A session runs slots of its own model, with an image in them.", nameof(slot));
        }

        _users.Enter(this);
        try
        {
            slot.BeginRun();
        }
        catch
        {
            _users.Leave();
            throw;
        }

        try
        {
            slot.DeviceTimes = null;
            Bound(slot).Run(_session);
        }
        catch (OnnxRuntimeException exception)
        {
            // cuDNN's and cuBLAS's errors do not say what CUDA's was.
            bool saysLost = CudaFailure.IsDeviceLost(exception.Message);
            string? loss = saysLost ? null : _device?.Loss;
            string message = $"The model's run failed: {NativeMessage.OneLine(exception.Message)}";
            throw new ModelRunException(loss is null ? message : $"{message} ({loss})", exception)
            {
                IsDeviceLost = saysLost || loss is not null,
            };
        }
        finally
        {
            slot.EndRun();
            _users.Leave();
        }
    }

    /// <inheritdoc/>
    public bool AbandonRun()
    {
        _device?.Abandon();
        return _device is not null;
    }

    /// <inheritdoc/>
    public void Dispose() => _users.LeaveOwner();

    /// <summary>Whether the graph gives an output in half precision.</summary>
    internal bool IsHalf(OutputSpec output) =>
        _session.OutputMetadata[output.Name].ElementDataType == TensorElementType.Float16;

    /// <summary>A new binding for a slot.</summary>
    internal OrtIoBinding CreateBinding() => _session.CreateIoBinding();

    /// <summary>A binding is freed.</summary>
    internal void Forget(SlotBinding binding)
    {
        lock (_slots)
        {
            _slots.Remove(binding);
        }
    }

    // The first run of a shape plans its memory and, on a GPU, chooses its kernels: seconds that no frame should wait
    // for. It also meets the output shapes that a graph leaves open.
    private void WarmUp()
    {
        using BatchSlot slot = CreateSlot();
        foreach (int images in BatchSizes)
        {
            slot.ImageCount = images;
            Run(slot);
            _ = slot.Outputs(0);
        }
    }

    // Bound at its first run here, and after another session ran it.
    private SlotBinding Bound(BatchSlot slot)
    {
        if (slot.Binding is { } known && known.Session == this)
        {
            return known;
        }

        slot.Binding?.Dispose();
        slot.Binding = null;
        SlotBinding binding = _device is null
            ? new HostBinding(this, slot, _isCopied)
            : new DeviceBinding(this, slot, _device, _recording);
        slot.Binding = binding;
        lock (_slots)
        {
            _slots.Add(binding);
        }

        return binding;
    }

    private void Free()
    {
        SlotBinding[] bindings;
        lock (_slots)
        {
            bindings = [.. _slots];
        }

        foreach (SlotBinding binding in bindings)
        {
            binding.Dispose();
        }

        if (_device is { Loss: not null })
        {
            // ONNX Runtime's own end would wait for the device, or throw where nothing may, which aborts the process before the
            // recordings are closed. It goes with the process.
            Lost.Add(_session);
        }
        else
        {
            _session.Dispose();
            _recording?.Dispose();
        }

        _device?.Dispose();
    }
}
