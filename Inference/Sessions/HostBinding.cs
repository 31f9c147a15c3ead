using Microsoft.ML.OnnxRuntime;

namespace Pipeline.Inference;

/// <summary>
/// A binding over the slot's own memory: on the CPU nothing is copied. A provider with other memory copies the input when it is
/// bound, and the outputs at the end of the run.
/// </summary>
internal sealed class HostBinding : SlotBinding
{
    /// <summary>Whether the input is copied, so that it has to be bound before each run.</summary>
    private readonly bool _isCopied;

    /// <summary>Options of a run: none, but the binding's API wants them.</summary>
    private readonly RunOptions _runOptions;

    /// <summary>The bindings, by batch size.</summary>
    private readonly OrtIoBinding[] _bindings;

    /// <summary>The input tensors, by batch size.</summary>
    private readonly OrtValue[] _inputs;

    /// <summary>Binds a slot to a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="slot">A slot for its model.</param>
    /// <param name="isCopied">Whether the provider has memory of its own.</param>
    public HostBinding(OnnxModelSession session, BatchSlot slot, bool isCopied)
        : base(session, slot)
    {
        _isCopied = isCopied;
        _runOptions = Own(new RunOptions());
        _bindings = new OrtIoBinding[slot.BatchSizes.Length];
        _inputs = new OrtValue[slot.BatchSizes.Length];
        try
        {
            AllocateHalves(static bytes => new NativeBuffer(bytes));
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
    public override void Run(InferenceSession session)
    {
        OrtIoBinding binding = _bindings[Slot.SizeIndex];
        if (_isCopied)
        {
            binding.BindInput(Slot.Signature.Input.Name, _inputs[Slot.SizeIndex]);
        }

        session.RunWithBinding(_runOptions, binding);
        WidenHalves();
    }

    private void Bind(int index, int images)
    {
        OrtMemoryInfo memory = OrtMemoryInfo.DefaultInstance;
        _inputs[index] = InputTensor(memory, images, Slot.InputBuffer.Address, Slot.InputBuffer.Length);
        _bindings[index].BindInput(Slot.Signature.Input.Name, _inputs[index]);
        for (int i = 0; i < Slot.Signature.Outputs.Length; i++)
        {
            NativeBuffer buffer = HostOutput(i);
            _bindings[index].BindOutput(
                Slot.Signature.Outputs[i].Name, OutputTensor(i, memory, images, buffer.Address, buffer.Length));
        }
    }
}
