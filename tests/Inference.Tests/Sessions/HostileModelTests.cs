using Google.Protobuf;
using Pipeline.Inference.Onnx;
using Pipeline.Testing;

namespace Pipeline.Inference.Tests;

/// <summary>Files that claim to be models: whatever is in them, the answer is a model that runs or a ModelException.</summary>
public sealed class HostileModelTests : IDisposable
{
    /// <summary>How many mutations a seed makes; a few milliseconds each.</summary>
    private const int Mutations = 250;

    private static readonly ModelSessionOptions Cpu = new() { Provider = ExecutionProvider.Cpu, Threads = 1 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_SmallDetector_Runs() => Open(SmallDetector.Create().ToByteArray()).Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Open_MutatedDetector_RunsOrIsAModelException(int seed)
    {
        byte[] model = SmallDetector.Create().ToByteArray();
        var random = new Random(seed);
        int refused = 0;
        for (int attempt = 0; attempt < Mutations; attempt++)
        {
            try
            {
                Open(Mutate(model, random)).Dispose();
                OnnxFile.Read(_folder["model.onnx"]);
            }
            catch (ModelException exception)
            {
                Assert.DoesNotContain('\n', exception.Message);
                refused++;
            }
        }

        Assert.InRange(refused, Mutations / 2, Mutations);
    }

    [Fact]
    public void Open_EveryTruncation_IsAModelException()
    {
        byte[] model = SmallDetector.Create().ToByteArray();
        for (int length = 0; length < model.Length; length += 7)
        {
            Assert.Throws<ModelException>(() => Open(model[..length]));
        }
    }

    [Fact]
    public void Open_Folder_IsAModelException()
    {
        Directory.CreateDirectory(_folder["folder.onnx"]);
        Assert.Throws<ModelException>(
            () => OnnxModelSession.Open(_folder["folder.onnx"], SmallDetector.Signature, Cpu));
    }

    /// <summary>The graph declares any batch, but its nodes make one image's rows.</summary>
    [Fact]
    public void Open_BatchThatTheNodesCanNotTake_SaysWhichTheyTake()
    {
        byte[] model = SmallDetector.Create(headRows: 1).ToByteArray();
        Open(model).Dispose();
        var exception = Assert.Throws<ModelException>(() => Open(model, Cpu with { BatchSizes = [1, 4] }));
        Assert.Contains("batches of 1 only, but a batch of 4", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>An error is one line in a journal, whatever the names in a file are, and does nothing to a terminal.</summary>
    [Fact]
    public void Open_NameWithALineBreakAndAnEscape_IsAModelExceptionOfOneLine()
    {
        ModelProto model = SmallDetector.Create();
        model.Graph.Input[0].Name = model.Graph.Node[0].Input[0] = "picture\n\u001b[2Jssd-pipeline: all is well";
        var exception = Assert.Throws<ModelException>(() => Open(model.ToByteArray()));
        Assert.Contains("has no input 'image', which its manifest names; it has picture", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(exception.Message, char.IsControl);
    }

    /// <summary>ONNX lets a tensor's data lie in another file; a model must not read files outside its folder.</summary>
    [Theory]
    [InlineData("../secret.bin")]
    [InlineData("/etc/passwd")]
    public void Open_WeightsOutsideTheModelsFolder_IsAModelException(string location)
    {
        Directory.CreateDirectory(_folder["models"]);
        File.WriteAllBytes(_folder["secret.bin"], new byte[4096]);
        ModelProto model = SmallDetector.Create();
        TensorProto weights = model.Graph.Initializer[0];
        model.Graph.Initializer[0] = External(weights, location);
        Assert.Throws<ModelException>(() => Open(model.ToByteArray(), path: "models/model.onnx"));
    }

    // Fields 13 (external_data: pairs of key and value) and 14 (data_location: 1 is external) of onnx.proto's
    // TensorProto, which our own description leaves out.
    private static TensorProto External(TensorProto tensor, string location)
    {
        tensor.RawData = ByteString.Empty;
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            tensor.WriteTo(output);
            using var pair = new MemoryStream();
            using (var inner = new CodedOutputStream(pair, leaveOpen: true))
            {
                inner.WriteTag(1, WireFormat.WireType.LengthDelimited);
                inner.WriteString("location");
                inner.WriteTag(2, WireFormat.WireType.LengthDelimited);
                inner.WriteString(location);
            }

            output.WriteTag(13, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(pair.ToArray()));
            output.WriteTag(14, WireFormat.WireType.Varint);
            output.WriteInt32(1);
        }

        return TensorProto.Parser.ParseFrom(bytes.ToArray());
    }

    // Changed bytes, extreme bytes (lengths, dimensions and types are single bytes mostly), and pieces that are cut out,
    // doubled or moved.
    private static byte[] Mutate(byte[] model, Random random)
    {
        List<byte> bytes = [.. model];
        for (int change = random.Next(1, 6); change > 0; change--)
        {
            int at = random.Next(bytes.Count);
            int length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes.RemoveRange(at, length);
                    break;
                case 1:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 2:
                    bytes[at] = (byte)(bytes[at] ^ (1 << random.Next(8)));
                    break;
                case 3:
                    bytes[at] = random.GetItems<byte>([0, 1, 0x7F, 0x80, 0xFF], 1)[0];
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. bytes];
    }

    private OnnxModelSession Open(byte[] model, ModelSessionOptions? options = null, string path = "model.onnx")
    {
        File.WriteAllBytes(_folder[path], model);
        return OnnxModelSession.Open(_folder[path], SmallDetector.Signature, options ?? Cpu);
    }
}
