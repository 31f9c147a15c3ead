using System.Collections.Immutable;
using System.Text.Json;

namespace Pipeline.Inference;

/// <summary>A TensorFlow.js graph model in memory: the nodes of model.json and the weights of its shards.</summary>
internal sealed class TensorFlowGraph
{
    private readonly Dictionary<string, TensorFlowNode> _nodes;
    private readonly Dictionary<string, TensorFlowTensor> _weights;

    private TensorFlowGraph(Dictionary<string, TensorFlowNode> nodes, Dictionary<string, TensorFlowTensor> weights)
    {
        _nodes = nodes;
        _weights = weights;
    }

    /// <summary>Reads model.json and the shards that it lists, from the same folder.</summary>
    /// <param name="path">Path of model.json.</param>
    /// <param name="cancellationToken">Ends the reading between two files.</param>
    /// <exception cref="ModelException">A file is missing, too short, not JSON or not a graph model.</exception>
    public static TensorFlowGraph Load(string path, CancellationToken cancellationToken)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            using JsonDocument document = JsonDocument.Parse(stream);
            JsonElement root = document.RootElement.Clone();
            return new TensorFlowGraph(
                ReadNodes(root),
                ReadWeights(root, Path.GetDirectoryName(Path.GetFullPath(path))!, cancellationToken));
        }
        catch (ModelException exception)
        {
            throw new ModelException($"{path}: {exception.Message}", exception);
        }
        catch (JsonException exception)
        {
            throw new ModelException($"{path} is not valid JSON: {exception.Message}", exception);
        }
        catch (Exception exception)
            when (exception is InvalidOperationException or FormatException or KeyNotFoundException or ArgumentException)
        {
            throw new ModelException($"{path} is not a TensorFlow.js graph model: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"{path} could not be read: {exception.Message}", exception);
        }
    }

    /// <summary>A node.</summary>
    /// <exception cref="ModelException">The graph has none of this name.</exception>
    public TensorFlowNode Node(string name) => _nodes.TryGetValue(name, out TensorFlowNode? node)
        ? node
        : throw new ModelException($"The graph has no node '{name}'.");

    /// <summary>The weights of a Const node.</summary>
    /// <exception cref="ModelException">The weights manifest does not list them.</exception>
    public TensorFlowTensor Weights(string name) => _weights.TryGetValue(name, out TensorFlowTensor? tensor)
        ? tensor
        : throw new ModelException($"The weights manifest does not list the constant '{name}'.");

    private static Dictionary<string, TensorFlowNode> ReadNodes(JsonElement root)
    {
        if (!root.TryGetProperty("modelTopology", out JsonElement topology)
            || !topology.TryGetProperty("node", out JsonElement nodes))
        {
            throw new ModelException(
                "It has no modelTopology.node: a TensorFlow.js graph model is needed, not a layers model.");
        }

        return nodes.EnumerateArray()
            .Select(json => new TensorFlowNode(json))
            .ToDictionary(node => node.Name, StringComparer.Ordinal);
    }

    private static Dictionary<string, TensorFlowTensor> ReadWeights(
        JsonElement root,
        string folder,
        CancellationToken cancellationToken)
    {
        if (!root.TryGetProperty("weightsManifest", out JsonElement groups))
        {
            throw new ModelException("It has no weightsManifest.");
        }

        Dictionary<string, TensorFlowTensor> weights = new(StringComparer.Ordinal);
        foreach (JsonElement group in groups.EnumerateArray())
        {
            string[] shards = [.. group.GetProperty("paths").EnumerateArray().Select(path => path.GetString() ?? "")];
            byte[] bytes = ReadShards(folder, shards, cancellationToken);
            int taken = 0;
            foreach (JsonElement entry in group.GetProperty("weights").EnumerateArray())
            {
                TensorFlowTensor tensor = ReadTensor(entry, bytes, shards, ref taken);
                weights.Add(tensor.Name, tensor);
            }

            if (taken != bytes.Length)
            {
                throw new ModelException(
                    $"The weights of {shards[0]} and following take {taken} bytes, but the files have {bytes.Length}: "
                    + "they belong to another model.json.");
            }
        }

        return weights;
    }

    private static TensorFlowTensor ReadTensor(JsonElement entry, byte[] bytes, string[] shards, ref int taken)
    {
        string name = entry.GetProperty("name").GetString() ?? "";
        string type = entry.GetProperty("dtype").GetString() ?? "";
        ImmutableArray<int> shape = [.. entry.GetProperty("shape").EnumerateArray().Select(side => side.GetInt32())];
        bool isQuantized = entry.TryGetProperty("quantization", out _);
        if (isQuantized || type is not ("float32" or "int32"))
        {
            throw new ModelException(
                $"Weights '{name}' are {(isQuantized ? "quantised " : "")}{type}; only plain float32 and int32 can be imported.");
        }

        long length = sizeof(float);
        foreach (int side in shape)
        {
            // No file has so many bytes; more of them would not fit into a long at some time.
            length = side is >= 0 and <= ushort.MaxValue
                ? Math.Min(length * side, 1L << 32)
                : throw new ModelException($"Weights '{name}' have a side of {side}.");
        }

        if (length > bytes.Length - taken)
        {
            throw new ModelException(
                $"Weights '{name}' need bytes {taken} to {taken + length} of {string.Join(", ", shards)}, which have "
                + $"{bytes.Length} together: a file is cut short; fetch the package again.");
        }

        TensorFlowTensor tensor = new(name, type, shape, bytes.AsMemory(taken, (int)length));
        taken += (int)length;
        return tensor;
    }

    private static byte[] ReadShards(string folder, string[] shards, CancellationToken cancellationToken)
    {
        using MemoryStream bytes = new();
        foreach (string shard in shards)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Path.GetFileName(shard) != shard)
            {
                throw new ModelException($"The weights manifest lists '{shard}'; only files beside model.json are read.");
            }

            string path = Path.Combine(folder, shard);
            if (!File.Exists(path))
            {
                throw new ModelException($"The weight file '{shard}' is missing beside it; fetch the package again.");
            }

            using FileStream stream = File.OpenRead(path);
            stream.CopyTo(bytes);
        }

        return bytes.ToArray();
    }
}
