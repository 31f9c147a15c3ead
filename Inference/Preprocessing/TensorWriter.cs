using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pipeline.Inference;

/// <summary>
/// Puts rows of normalised values into an image's place in the tensor, as the tensor's type and layout want them.
/// </summary>
internal sealed class TensorWriter
{
    /// <summary>What the tensor looks like.</summary>
    private readonly InputSpec _input;

    /// <summary>A writer for an input.</summary>
    /// <param name="input">What the tensor looks like.</param>
    public TensorWriter(InputSpec input) => _input = input;

    /// <summary>Whether a row of singles is what the tensor has, so that it can be written in place.</summary>
    public bool IsPlain => _input is { Layout: TensorLayout.Nchw, Element: TensorElement.Float32 };

    /// <summary>Writes an image's part of a row. Destroys the values.</summary>
    /// <typeparam name="T">The vectors to convert with.</typeparam>
    /// <param name="values">The row's values of each channel of the tensor, one channel behind the other.</param>
    /// <param name="plane">How far the channels are apart, in whole vectors.</param>
    /// <param name="row">Row of the tensor.</param>
    /// <param name="placement">Where in a row the image lies.</param>
    /// <param name="place">The image's place.</param>
    public void Write<T>(Span<float> values, int plane, int row, in ImagePlacement placement, Span<byte> place)
        where T : struct, IWords<T>
    {
        switch (_input.Element)
        {
            case TensorElement.Float32:
                Put<float>(values, plane, row, placement, MemoryMarshal.Cast<byte, float>(place));
                break;
            case TensorElement.Float16:
                Span<ushort> halves = MemoryMarshal.Cast<float, ushort>(values)[..values.Length];
                ToHalves<T>(values, halves);
                Put<ushort>(halves, plane, row, placement, MemoryMarshal.Cast<byte, ushort>(place));
                break;
            default:
                Span<byte> bytes = MemoryMarshal.AsBytes(values)[..values.Length];
                ToBytes<T>(values, bytes);
                Put<byte>(bytes, plane, row, placement, place);
                break;
        }
    }

    /// <summary>Writes one value to every element of a rectangle: the surroundings of a letterboxed image.</summary>
    /// <param name="grey">Grey levels before mean and scale, by channel of the tensor.</param>
    /// <param name="rows">Rows of the tensor.</param>
    /// <param name="columns">Columns of the tensor.</param>
    /// <param name="place">The image's place.</param>
    public void Fill(ChannelValues grey, Range rows, Range columns, Span<byte> place)
    {
        for (int channel = 0; channel < 3; channel++)
        {
            float value = (grey[channel] * _input.Scale[channel]) + _input.Offset[channel];
            switch (_input.Element)
            {
                case TensorElement.Float32:
                    Fill(value, channel, rows, columns, MemoryMarshal.Cast<byte, float>(place));
                    break;
                case TensorElement.Float16:
                    Fill((Half)value, channel, rows, columns, MemoryMarshal.Cast<byte, Half>(place));
                    break;
                default:
                    Fill((byte)MathF.Round(value), channel, rows, columns, place);
                    break;
            }
        }
    }

    // Narrower values take the place of the singles that they come from: each vector is read before it is written over.
    private static void ToHalves<T>(Span<float> values, Span<ushort> halves)
        where T : struct, IWords<T>
    {
        ref float value = ref MemoryMarshal.GetReference(values);
        ref ushort half = ref MemoryMarshal.GetReference(halves);
        for (nint i = 0; i < values.Length; i += T.Count)
        {
            HalfPrecision.Narrow(T.Load(ref Unsafe.Add(ref value, i))).Store(ref Unsafe.Add(ref half, i));
        }
    }

    private static void ToBytes<T>(Span<float> values, Span<byte> bytes)
        where T : struct, IWords<T>
    {
        // Added to a value from 0 to 255, it leaves the value, rounded to nearest even, in the lowest bits.
        T magic = T.All(8388608f);
        ref float value = ref MemoryMarshal.GetReference(values);
        ref byte first = ref MemoryMarshal.GetReference(bytes);
        for (nint i = 0; i < values.Length; i += T.Count)
        {
            (T.Load(ref Unsafe.Add(ref value, i)) + magic).Store(ref Unsafe.Add(ref first, i));
        }
    }

    private void Put<TElement>(
        ReadOnlySpan<TElement> values, int plane, int row, in ImagePlacement placement, Span<TElement> tensor)
    {
        int width = placement.Width;
        if (_input.Layout == TensorLayout.Nchw)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                values.Slice(channel * plane, width).CopyTo(tensor[First(channel, row, placement.X)..]);
            }

            return;
        }

        // Three of each at once: what a pixel has lies together, and the spans' lengths are looked at once.
        ReadOnlySpan<TElement> first = values[..width];
        ReadOnlySpan<TElement> second = values.Slice(plane, width);
        ReadOnlySpan<TElement> third = values.Slice(2 * plane, width);
        ref TElement pixel = ref MemoryMarshal.GetReference(tensor.Slice(First(0, row, placement.X), 3 * width));
        for (int i = 0; i < first.Length; i++)
        {
            pixel = first[i];
            Unsafe.Add(ref pixel, 1) = second[i];
            Unsafe.Add(ref pixel, 2) = third[i];
            pixel = ref Unsafe.Add(ref pixel, 3);
        }
    }

    private void Fill<TElement>(TElement value, int channel, Range rows, Range columns, Span<TElement> tensor)
    {
        (int firstRow, int rowCount) = rows.GetOffsetAndLength(_input.Height);
        (int firstColumn, int columnCount) = columns.GetOffsetAndLength(_input.Width);
        for (int row = firstRow; row < firstRow + rowCount && columnCount > 0; row++)
        {
            Span<TElement> part = tensor[First(channel, row, firstColumn)..];
            if (_input.Layout == TensorLayout.Nchw)
            {
                part[..columnCount].Fill(value);
                continue;
            }

            for (int i = 0; i < columnCount; i++)
            {
                part[3 * i] = value;
            }
        }
    }

    private int First(int channel, int row, int column)
    {
        int pixel = (row * _input.Width) + column;
        return _input.Layout == TensorLayout.Nchw
            ? (channel * _input.Width * _input.Height) + pixel
            : (3 * pixel) + channel;
    }
}
