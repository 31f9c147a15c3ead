using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Pipeline.Inference;

/// <summary>
/// A slot's tensors as ONNX Runtime knows them, made once, so that a run allocates nothing. It belongs to a slot and a session
/// and ends with the first of them that is freed.
/// </summary>
internal abstract class SlotBinding : IDisposable
{
    /// <summary>Everything native that was made, in the order of its making; also the lock on it.</summary>
    private readonly List<IDisposable> _owned = [];

    /// <summary>Memory of outputs in half precision, by output; null where the slot's own memory takes the output.</summary>
    private readonly NativeBuffer?[] _halves;

    /// <summary>Binds a slot to a session. Neither can be freed meanwhile.</summary>
    /// <param name="session">The session.</param>
    /// <param name="slot">A slot for its model.</param>
    protected SlotBinding(OnnxModelSession session, BatchSlot slot)
    {
        Session = session;
        Slot = slot;
        _halves = new NativeBuffer?[slot.Signature.Outputs.Length];
    }

    /// <summary>The session.</summary>
    public OnnxModelSession Session { get; }

    /// <summary>The slot whose memory is bound.</summary>
    protected BatchSlot Slot { get; }

    /// <summary>The lock against an end that comes from another thread.</summary>
    protected object Gate => _owned;

    /// <summary>Whether it has ended.</summary>
    protected bool IsDisposed { get; private set; }

    /// <summary>
    /// Whether the device was given up, perhaps with a thread that waits for it and holds <see cref="Gate"/>: nobody else may wait,
    /// and everything native goes with the process.
    /// </summary>
    protected virtual bool IsAbandoned => false;

    /// <summary>Starts to bring the input where the model runs. A run does it itself where it was not called.</summary>
    public virtual void BeginUpload()
    {
    }

    /// <summary>Runs the slot's images.</summary>
    public abstract void Run(InferenceSession session);

    /// <summary>Waits until the last run's outputs are in the slot's memory.</summary>
    public virtual void Complete()
    {
    }

    /// <inheritdoc/>
    /// <remarks>The slot's end and the session's may come from two threads; the second waits for the first.</remarks>
    public void Dispose()
    {
        if (IsAbandoned)
        {
            return;
        }

        lock (Gate)
        {
            if (!IsDisposed)
            {
                End();
                IsDisposed = true;
            }

            for (int i = _owned.Count - 1; i >= 0; i--)
            {
                _owned[i].Dispose();
            }

            _owned.Clear();
        }

        Session.Forget(this);
    }

    /// <summary>What is still to be done before everything is freed.</summary>
    protected virtual void End()
    {
    }

    /// <summary>Notes what is to be freed at the end.</summary>
    protected T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    /// <summary>Takes memory for the outputs that the model gives in half precision.</summary>
    /// <param name="allocate">Gives main memory of so many bytes.</param>
    protected void AllocateHalves(Func<long, NativeBuffer> allocate)
    {
        for (int i = 0; i < _halves.Length; i++)
        {
            OutputSpec output = Slot.Signature.Outputs[i];
            _halves[i] = Session.IsHalf(output)
                ? Own(allocate((long)Slot.Capacity * output.ElementsPerImage * sizeof(ushort)))
                : null;
        }
    }

    /// <summary>Main memory that an output of the model goes into as it is.</summary>
    protected NativeBuffer HostOutput(int output) => _halves[output] ?? Slot.OutputBuffer(output);

    /// <summary>Bytes of one image in <see cref="HostOutput"/>.</summary>
    protected long OutputImageBytes(int output) => HostOutput(output).Length / Slot.Capacity;

    /// <summary>Widens what the run gave in half precision.</summary>
    protected void WidenHalves()
    {
        for (int output = 0; output < _halves.Length; output++)
        {
            if (_halves[output] is { } buffer)
            {
                int count = Slot.ImageCount * Slot.Signature.Outputs[output].ElementsPerImage;
                HalfPrecision.Widen(buffer.Slice<ushort>(0, count), Slot.OutputBuffer(output).Slice<float>(0, count));
            }
        }
    }

    /// <summary>The input as ONNX Runtime knows it.</summary>
    /// <param name="memory">What kind of memory it is in.</param>
    /// <param name="images">Images of the batch.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes there.</param>
    protected OrtValue InputTensor(OrtMemoryInfo memory, int images, nint address, long length)
    {
        InputSpec input = Slot.Signature.Input;
        return Own(OrtValue.CreateTensorValueWithData(
            memory, GraphCheck.ElementType(input.Element), input.Shape(images), address, length));
    }

    /// <summary>An output as ONNX Runtime knows it; see <see cref="InputTensor"/>.</summary>
    protected OrtValue OutputTensor(int index, OrtMemoryInfo memory, int images, nint address, long length)
    {
        OutputSpec output = Slot.Signature.Outputs[index];
        TensorElementType type = output.Role == OutputRole.Labels ? TensorElementType.Int64
            : _halves[index] is null ? TensorElementType.Float
            : TensorElementType.Float16;
        long[] shape = [images, .. output.Shape.Select(side => (long)side)];
        return Own(OrtValue.CreateTensorValueWithData(memory, type, shape, address, length));
    }
}
