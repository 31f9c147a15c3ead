using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Pipeline.Inference;

/// <summary>
/// Reads tensors of a safetensors file: 8 bytes with the header's length, a JSON header that names every tensor with
/// its type, shape and place, then the numbers, little-endian and row-major. Only the header stays in memory. Not
/// thread-safe.
/// </summary>
internal sealed class SafetensorsFile : IDisposable
{
    /// <summary>The format's own limit on the header.</summary>
    private const int MaximumHeader = 100_000_000;

    private readonly string _path;
    private readonly FileStream _stream;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly long _dataStart;

    private SafetensorsFile(string path, FileStream stream)
    {
        _path = path;
        _stream = stream;
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        stream.ReadExactly(length);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (headerLength > MaximumHeader || (long)headerLength > stream.Length - stream.Position)
        {
            throw new ModelException($"{path} is no safetensors file: its header would have {headerLength} bytes.");
        }

        byte[] header = new byte[headerLength];
        stream.ReadExactly(header);
        _dataStart = stream.Position;
        using JsonDocument json = JsonDocument.Parse(header);
        foreach (JsonProperty tensor in json.RootElement.EnumerateObject().Where(field => field.Name != "__metadata__"))
        {
            _entries.Add(tensor.Name, ReadEntry(tensor));
        }
    }

    /// <summary>Names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>Opens a file and reads its header.</summary>
    /// <exception cref="ModelException">The file is missing, cut short, or no safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = File.OpenRead(path);
            return new SafetensorsFile(path, stream);
        }
        catch (Exception exception)
        {
            stream?.Dispose();
            throw exception switch
            {
                ModelException => exception,
                EndOfStreamException =>
                    new ModelException($"{path} is no safetensors file: it is shorter than its header.", exception),
                IOException or UnauthorizedAccessException =>
                    new ModelException($"{path} could not be read: {exception.Message}", exception),
                _ => new ModelException($"{path} is no safetensors file: {exception.Message}", exception),
            };
        }
    }

    /// <summary>Shape of a tensor; null where there is none of this name.</summary>
    public ImmutableArray<long>? ShapeOf(string name) => _entries.GetValueOrDefault(name)?.Shape;

    /// <summary>Reads a tensor as single precision, whatever precision it has in the file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <exception cref="ModelException">It is missing, of another shape, or not of floating-point numbers.</exception>
    public float[] Read(string name, params ReadOnlySpan<long> shape)
    {
        if (!_entries.TryGetValue(name, out Entry? entry))
        {
            throw new ModelException($"{_path} has no tensor '{name}'.");
        }

        if (!entry.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new ModelException(
                $"{_path}: tensor '{name}' is [{string.Join(", ", entry.Shape)}]; "
                + $"[{string.Join(", ", shape.ToArray())}] is needed.");
        }

        byte[] bytes = new byte[entry.End - entry.Begin];
        _stream.Position = _dataStart + entry.Begin;
        _stream.ReadExactly(bytes);
        return entry.Type switch
        {
            "F32" => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            "F16" => Widen<Half>(bytes, half => (float)half),
            "BF16" => Widen<ushort>(bytes, upper => BitConverter.UInt32BitsToSingle((uint)upper << 16)),
            _ => throw new ModelException(
                $"{_path}: tensor '{name}' is of type {entry.Type}; F32, F16 and BF16 can be read."),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private Entry ReadEntry(JsonProperty tensor)
    {
        string type = tensor.Value.GetProperty("dtype").GetString() ?? "";
        ImmutableArray<long> shape = [.. tensor.Value.GetProperty("shape").EnumerateArray().Select(side => side.GetInt64())];
        long begin = tensor.Value.GetProperty("data_offsets")[0].GetInt64();
        long end = tensor.Value.GetProperty("data_offsets")[1].GetInt64();
        if (begin < 0 || end < begin || end - begin > int.MaxValue || end > _stream.Length - _dataStart)
        {
            throw new ModelException(
                $"{_path}: tensor '{tensor.Name}' lies at {begin} to {end} of {_stream.Length - _dataStart} bytes.");
        }

        int size = type switch { "F32" => 4, "F16" or "BF16" => 2, _ => 0 };
        if (size > 0 && shape.Aggregate((Int128)size, (product, side) => checked(product * side)) != end - begin)
        {
            throw new ModelException(
                $"{_path}: tensor '{tensor.Name}' [{string.Join(", ", shape)}] of {type} cannot have {end - begin} bytes.");
        }

        return new Entry(type, shape, begin, end);
    }

    private static float[] Widen<T>(byte[] bytes, Func<T, float> widen)
        where T : unmanaged
    {
        ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(bytes);
        float[] wide = new float[values.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = widen(values[i]);
        }

        return wide;
    }

    private sealed record Entry(string Type, ImmutableArray<long> Shape, long Begin, long End);
}
