using System.Collections.Immutable;
using Pipeline.PostProcess;

namespace Pipeline.Inference;

/// <summary>
/// The memory of one run: the input tensor and the output tensors of up to <see cref="Capacity"/> images, allocated
/// once in native memory and owned by the slot. It goes round: images are written into <see cref="Input"/>, the session
/// runs it, <see cref="Outputs"/> are decoded, and it is free again. One stage at a time holds it; it is not
/// thread-safe.
/// </summary>
/// <remarks>
/// A slot outlives a session: it can be run by any session of the same model. Disposal may come in any order with the
/// session's, and while a run is going on: the memory stays until the run is over. Spans from a slot must not be used
/// after its disposal.
/// </remarks>
public sealed class BatchSlot : IDisposable
{
    /// <summary>The tensors' memory: the input, then the outputs in the signature's order.</summary>
    private readonly NativeBuffer[] _buffers;

    /// <summary>Which output has which role; −1 where the model has none.</summary>
    private readonly int[] _outputOfRole;

    /// <summary>The slot's users: its owner, and a run that is going on.</summary>
    private readonly UseCount _users;

    /// <summary>A slot for a model.</summary>
    /// <param name="signature">The model's input and outputs.</param>
    /// <param name="batchSizes">The batch sizes that are run, ascending.</param>
    /// <exception cref="ArgumentException">No batch size, or not ascending from 1.</exception>
    public BatchSlot(ModelSignature signature, ImmutableArray<int> batchSizes)
        : this(signature, batchSizes, static bytes => new NativeBuffer(bytes))
    {
    }

    /// <summary>A slot in memory of a certain kind.</summary>
    /// <param name="signature">The model's input and outputs.</param>
    /// <param name="batchSizes">The batch sizes that are run, ascending.</param>
    /// <param name="allocate">Gives main memory of so many bytes.</param>
    internal BatchSlot(ModelSignature signature, ImmutableArray<int> batchSizes, Func<long, NativeBuffer> allocate)
    {
        ArgumentNullException.ThrowIfNull(signature);
        if (batchSizes.IsDefaultOrEmpty
            || batchSizes[0] < 1
            || batchSizes.Zip(batchSizes.Skip(1)).Any(pair => pair.First >= pair.Second))
        {
            throw new ArgumentException("Batch sizes are ascending, from 1 on, and at least one.", nameof(batchSizes));
        }

        Signature = signature;
        BatchSizes = batchSizes;
        _users = new UseCount(Free);
        _outputOfRole = [.. Enum.GetValues<OutputRole>().Select(IndexOf)];
        _buffers =
        [
            allocate((long)Capacity * signature.Input.ImageBytes),
            .. signature.Outputs.Select(output => allocate(Capacity * BytesPerImage(output))),
        ];

        static long BytesPerImage(OutputSpec output) =>
            (long)output.ElementsPerImage * (output.Role == OutputRole.Labels ? sizeof(long) : sizeof(float));

        int IndexOf(OutputRole role) => signature.Outputs.Select(output => output.Role).ToList().IndexOf(role);
    }

    /// <summary>The model's input and outputs.</summary>
    public ModelSignature Signature { get; }

    /// <summary>The batch sizes that are run, ascending.</summary>
    public ImmutableArray<int> BatchSizes { get; }

    /// <summary>The most images of one run: the largest batch size.</summary>
    public int Capacity => BatchSizes[^1];

    /// <summary>How many images are in the slot, 0 to <see cref="Capacity"/>; set by whoever fills it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public int ImageCount
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Capacity);
            field = value;
        }
    }

    /// <summary>
    /// The batch size of the next run: the smallest of <see cref="BatchSizes"/> that holds the images.
    /// </summary>
    public int BatchSize => BatchSizes[SizeIndex];

    /// <summary>Index of <see cref="BatchSize"/> in <see cref="BatchSizes"/>.</summary>
    internal int SizeIndex
    {
        get
        {
            int index = 0;
            while (BatchSizes[index] < ImageCount)
            {
                index++;
            }

            return index;
        }
    }

    /// <summary>An image's place in the input tensor.</summary>
    /// <param name="image">Index of the image, below <see cref="Capacity"/>.</param>
    /// <returns><see cref="InputSpec.ImageBytes"/> bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    /// <exception cref="ObjectDisposedException">The slot is disposed.</exception>
    public Span<byte> Input(int image)
    {
        _users.Check(this);
        ArgumentOutOfRangeException.ThrowIfNegative(image);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(image, Capacity);
        int bytes = Signature.Input.ImageBytes;
        return _buffers[0].Slice<byte>((long)image * bytes, bytes);
    }

    /// <summary>
    /// Clears the places behind the images that the next run will compute nevertheless, so that a padded run has the
    /// same input every time.
    /// </summary>
    public void ClearPadding()
    {
        for (int image = ImageCount; image < BatchSize; image++)
        {
            Input(image).Clear();
        }
    }

    /// <summary>
    /// Says that all images are in, padding included, so that they can go to a device while another slot runs there. Nothing
    /// is to be written from now until the run is over. A run does it itself where it was not called.
    /// </summary>
    /// <exception cref="ModelRunException">The device failed.</exception>
    public void BeginUpload() => Binding?.BeginUpload();

    /// <summary>
    /// Waits until the last run has ended and its outputs have come from the device; on the CPU they are there at once.
    /// </summary>
    /// <exception cref="ModelRunException">The run failed on the device, or the outputs were lost on their way.</exception>
    public void WaitForOutputs() => Binding?.Complete();

    /// <summary>What the last run took on a device, once its outputs were looked at; null where it ran on the CPU.</summary>
    public DeviceTimes? DeviceTimes { get; internal set; }

    /// <summary>What the last run gave for an image: a view into the slot's memory, good until the next run.</summary>
    /// <param name="image">Index of the image, below <see cref="ImageCount"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    /// <exception cref="ModelRunException">The outputs were lost on their way from the device.</exception>
    /// <exception cref="ObjectDisposedException">The slot is disposed.</exception>
    public HeadOutputs Outputs(int image)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(image, ImageCount);
        WaitForOutputs();
        Span<float> boxes = Output<float>(OutputRole.Boxes, image);
        Span<float> scores = Output<float>(OutputRole.Scores, image);
        if (_outputOfRole[(int)OutputRole.Labels] >= 0)
        {
            return new HeadOutputs(boxes, scores, Output<long>(OutputRole.Labels, image));
        }

        if (_outputOfRole[(int)OutputRole.Classes] < 0)
        {
            return new HeadOutputs(boxes, scores);
        }

        // A model without a count gives rows that all count; a hostile one may give any number, NaN among them.
        int count = _outputOfRole[(int)OutputRole.Count] < 0
            ? scores.Length
            : (int)Math.Clamp(Output<float>(OutputRole.Count, image)[0], 0, scores.Length);
        return new HeadOutputs(boxes, scores, Output<float>(OutputRole.Classes, image), count);
    }

    /// <summary>An output of an image, to write: what a session's run does.</summary>
    /// <typeparam name="T">
    /// <see cref="long"/> for <see cref="OutputRole.Labels"/>, otherwise <see cref="float"/>.
    /// </typeparam>
    /// <param name="role">Which output.</param>
    /// <param name="image">Index of the image, below <see cref="Capacity"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    /// <exception cref="ObjectDisposedException">The slot is disposed.</exception>
    public Span<T> Output<T>(OutputRole role, int image)
        where T : unmanaged
    {
        _users.Check(this);
        ArgumentOutOfRangeException.ThrowIfNegative(image);
        int index = _outputOfRole[(int)role];
        ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(role));
        int elements = Signature.Outputs[index].ElementsPerImage;
        return _buffers[index + 1].Slice<T>((long)image * elements, elements);
    }

    /// <inheritdoc/>
    public void Dispose() => _users.LeaveOwner();

    /// <summary>Whether the memory is held: by the owner, or by a run.</summary>
    internal bool IsInUse => _users.IsInUse;

    /// <summary>What the session that ran the slot last knows it by; freed with the slot.</summary>
    internal SlotBinding? Binding { get; set; }

    /// <summary>Memory of the input.</summary>
    internal NativeBuffer InputBuffer => _buffers[0];

    /// <summary>Memory of an output, in the signature's order.</summary>
    internal NativeBuffer OutputBuffer(int output) => _buffers[output + 1];

    /// <summary>Keeps the memory for a run; <see cref="EndRun"/> must follow.</summary>
    /// <exception cref="ObjectDisposedException">The slot is disposed.</exception>
    internal void BeginRun() => _users.Enter(this);

    /// <summary>The run is over, well or badly.</summary>
    internal void EndRun() => _users.Leave();

    private void Free()
    {
        Binding?.Dispose();
        foreach (NativeBuffer buffer in _buffers)
        {
            buffer.Dispose();
        }
    }
}
