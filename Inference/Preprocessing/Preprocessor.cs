using System.Runtime.InteropServices;
using Pipeline.PostProcess;

namespace Pipeline.Inference;

/// <summary>
/// Turns a BGR image of any size into a model's input in one pass: resize, order of colours, mean and scale, straight
/// into the image's place in the batch. It owns its scratch rows and allocates nothing after construction; one thread
/// at a time may use it.
/// </summary>
/// <remarks>
/// The result is the same, bit for bit, whatever vectors the machine has. Against double precision the float rules are
/// within 1e-4 grey levels; <see cref="ResizeRule.OpenCvLinear"/> is exact.
/// </remarks>
public sealed class Preprocessor
{
    /// <summary>Width of the vectors to use, in bits.</summary>
    private readonly int _vectorBits;

    /// <summary>Samples along a row.</summary>
    private readonly AxisSamples _columns;

    /// <summary>Samples between rows.</summary>
    private readonly AxisSamples _lines;

    /// <summary>One output row of each channel, where the tensor has no such rows of its own.</summary>
    private readonly float[] _values;

    /// <summary>The scale by colour of the image: blue, green, red.</summary>
    private readonly ChannelValues _scale;

    /// <summary>−mean·scale by colour of the image: blue, green, red.</summary>
    private readonly ChannelValues _offset;

    /// <summary>Puts rows into the tensor.</summary>
    private readonly TensorWriter _writer;

    /// <summary>Makes output rows at any sizes.</summary>
    private readonly RowSampler _gathered;

    /// <summary>Makes output rows faster, at most sizes; null where this processor or its vectors can't.</summary>
    private readonly WindowedRows? _windowed;

    /// <summary>The one of them for the sizes at hand.</summary>
    private RowSampler _rows;

    /// <summary>A preprocessor for a model's input.</summary>
    /// <param name="input">What the model wants.</param>
    /// <exception cref="ArgumentException">
    /// An input of bytes has a mean, a scale, or a fill that is no byte.
    /// </exception>
    public Preprocessor(InputSpec input)
        : this(input, VectorWidth.Bits)
    {
    }

    /// <summary>A preprocessor with vectors of a chosen width.</summary>
    /// <param name="input">What the model wants.</param>
    /// <param name="vectorBits">512, 256, 128, or 32 for none.</param>
    internal Preprocessor(InputSpec input, int vectorBits)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Element == TensorElement.UInt8 && !HoldsBytes(input))
        {
            throw new ArgumentException(
                "An input of bytes holds the pixels themselves: mean 0, scale 1, and a fill from 0 to 255.",
                nameof(input));
        }

        Input = input;
        _vectorBits = vectorBits;
        _columns = new AxisSamples(input.Width);
        _lines = new AxisSamples(input.Height);
        _gathered = Gathered(input, vectorBits);
        _windowed = vectorBits == 512 && WindowedRows.IsSupported
            ? new WindowedRows(input.Resize, input.Width, _columns, _lines)
            : null;
        _rows = _gathered;
        _values = new float[3 * AxisSamples.Padded(input.Width)];
        bool reversed = input.ColorOrder == ColorOrder.Rgb;
        _scale = reversed ? input.Scale.Reversed : input.Scale;
        _offset = reversed ? input.Offset.Reversed : input.Offset;
        _writer = new TensorWriter(input);
    }

    /// <summary>What the model wants.</summary>
    public InputSpec Input { get; }

    /// <summary>Writes an image, or a region of one (<see cref="ImageView.Region"/>), as the model's input.</summary>
    /// <param name="image">The pixels; read only.</param>
    /// <param name="place">Where it goes, <see cref="InputSpec.ImageBytes"/> long; every byte is written.</param>
    /// <exception cref="ArgumentException">The view is no image, or the place has another length.</exception>
    public void Run(in ImageView image, Span<byte> place)
    {
        if (!image.IsImage)
        {
            throw new ArgumentException($"Not an image: {image}.", nameof(image));
        }

        if (place.Length != Input.ImageBytes)
        {
            throw new ArgumentException(
                $"The place has {place.Length} bytes; the input needs {Input.ImageBytes}.", nameof(place));
        }

        ImagePlacement placement = ImagePlacement.Of(Input, image.Width, image.Height);
        if (_columns.Set(Input.Resize, image.Width, placement.Width, adjacent: true))
        {
            _rows = _windowed?.Plan() == true ? _windowed : _gathered;
        }

        _lines.Set(Input.Resize, image.Height, placement.Height, adjacent: false);
        switch (_vectorBits)
        {
            case 512:
                Resize<Words16>(image, placement, place);
                break;
            case 256:
                Resize<Words8>(image, placement, place);
                break;
            case 128:
                Resize<Words4>(image, placement, place);
                break;
            default:
                Resize<Words1>(image, placement, place);
                break;
        }

        FillAround(placement, place);
    }

    private static bool HoldsBytes(InputSpec input) =>
        input.Mean == default
        && input.Scale == new ChannelValues(1, 1, 1)
        && input.Fill is { First: >= 0 and <= 255, Second: >= 0 and <= 255, Third: >= 0 and <= 255 };

    private RowSampler Gathered(InputSpec input, int vectorBits) => vectorBits switch
    {
        512 => new GatheredRows<Words16>(input.Resize, input.Width, _columns, _lines),
        256 => new GatheredRows<Words8>(input.Resize, input.Width, _columns, _lines),
        128 => new GatheredRows<Words4>(input.Resize, input.Width, _columns, _lines),
        _ => new GatheredRows<Words1>(input.Resize, input.Width, _columns, _lines),
    };

    private void Resize<T>(in ImageView image, in ImagePlacement placement, Span<byte> place)
        where T : struct, IWords<T>
    {
        int inPlace = _writer.IsPlain && placement.Width >= T.Count ? placement.Height - 1 : 0;
        PlanarTarget tensor = Target(MemoryMarshal.Cast<byte, float>(place), Input.Width * Input.Height);
        for (int line = 0; line < inPlace; line++)
        {
            // The end of its last vector goes into the row behind, which is written later. So the last row, which has
            // none behind it, must not be written in place.
            _rows.Sample(image, line, tensor, ((placement.Y + line) * Input.Width) + placement.X);
        }

        // Another type or layout, or rows shorter than a vector: beside the tensor first.
        int plane = AxisSamples.Padded(placement.Width);
        PlanarTarget scratch = Target(_values, plane);
        for (int line = inPlace; line < placement.Height; line++)
        {
            _rows.Sample(image, line, scratch, 0);
            _writer.Write<T>(_values.AsSpan(0, 3 * plane), plane, placement.Y + line, placement, place);
        }
    }

    private PlanarTarget Target(Span<float> values, int plane) => Input.ColorOrder == ColorOrder.Bgr
        ? new PlanarTarget(values, 0, plane, 2 * plane, _scale, _offset)
        : new PlanarTarget(values, 2 * plane, plane, 0, _scale, _offset);

    private void FillAround(in ImagePlacement placement, Span<byte> place)
    {
        int right = placement.X + placement.Width;
        int bottom = placement.Y + placement.Height;
        _writer.Fill(Input.Fill, ..placement.Y, .., place);
        _writer.Fill(Input.Fill, bottom.., .., place);
        _writer.Fill(Input.Fill, placement.Y..bottom, ..placement.X, place);
        _writer.Fill(Input.Fill, placement.Y..bottom, right.., place);
    }
}
