using System.Runtime.InteropServices;
using Pipeline.PostProcess;
using Pipeline.Testing;

namespace Pipeline.Inference.Tests;

public sealed class OnnxModelSessionTests : IDisposable
{
    private static readonly ModelSessionOptions Cpu = new() { Provider = ExecutionProvider.Cpu, Threads = 1 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_OneImage_WritesItsOutputs()
    {
        using OnnxModelSession session = Open(TinyModel.Write(_folder["tiny.onnx"]));
        using BatchSlot slot = session.CreateSlot();
        Write(slot, 0, first: 1);
        slot.ImageCount = 1;
        session.Run(slot);
        HeadOutputs outputs = slot.Outputs(0);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], outputs.Boxes.ToArray());
        Assert.Equal([-1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12], outputs.Scores.ToArray());
        Assert.Equal("cpu", session.Provider);
    }

    [Fact]
    public void Run_Again_SeesTheNewInput()
    {
        using OnnxModelSession session = Open(TinyModel.Write(_folder["tiny.onnx"]));
        using BatchSlot slot = session.CreateSlot();
        slot.ImageCount = 1;
        for (int first = 0; first < 3; first++)
        {
            Write(slot, 0, first);
            session.Run(slot);
            Assert.Equal(first, slot.Outputs(0).Boxes[0]);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 4)]
    [InlineData(4, 4)]
    [InlineData(5, 6)]
    public void Run_SomeImages_TakesTheSmallestBatchSizeThatHoldsThem(int images, int batchSize)
    {
        using OnnxModelSession session = Open(
            TinyModel.Write(_folder["tiny.onnx"]), Cpu with { BatchSizes = [1, 4, 6] });
        using BatchSlot slot = session.CreateSlot();
        for (int image = 0; image < images; image++)
        {
            Write(slot, image, first: 100 * image);
        }

        slot.ImageCount = images;
        slot.ClearPadding();
        Assert.Equal(batchSize, slot.BatchSize);
        session.Run(slot);
        for (int image = 0; image < images; image++)
        {
            Assert.Equal(100 * image, slot.Outputs(image).Boxes[0]);
            Assert.Equal(-(100 * image) - 11, slot.Outputs(image).Scores[^1]);
        }
    }

    [Fact]
    public void Run_SteadyState_AllocatesNothing()
    {
        using OnnxModelSession session = Open(TinyModel.Write(_folder["tiny.onnx"]), Cpu with { BatchSizes = [1, 2] });
        using BatchSlot slot = session.CreateSlot();
        long before = 0;
        for (int run = 0; run < 20; run++)
        {
            if (run == 10)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            slot.ImageCount = 1 + (run % 2);
            slot.ClearPadding();
            session.Run(slot);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Run_HalfPrecisionOutputs_AreWidened()
    {
        using OnnxModelSession session = Open(TinyModel.Write(_folder["tiny.onnx"], half: true));
        using BatchSlot slot = session.CreateSlot();
        Write(slot, 0, first: 0.5f);
        slot.ImageCount = 1;
        session.Run(slot);
        Assert.Equal(11.5f, slot.Outputs(0).Boxes[^1]);
        Assert.Equal(-11.5f, slot.Outputs(0).Scores[^1]);
    }

    [Fact]
    public void Run_ModelFails_ThrowsOneLine()
    {
        using OnnxModelSession session = Open(TinyModel.Write(_folder["trap.onnx"], trap: true));
        using BatchSlot slot = session.CreateSlot();
        Write(slot, 0, first: 3);
        slot.ImageCount = 1;
        var exception = Assert.Throws<ModelRunException>(() => session.Run(slot));
        Assert.DoesNotContain('\n', exception.Message);
        Assert.False(exception.IsDeviceLost);
    }

    [Fact]
    public void Run_SlotOfAnotherModel_IsRefused()
    {
        using OnnxModelSession session = Open(TinyModel.Write(_folder["tiny.onnx"]));
        ModelSignature other = new(TinyModel.Input with { Width = 4 }, TinyModel.Signature.Outputs);
        using var slot = new BatchSlot(other, [1]) { ImageCount = 1 };
        Assert.Throws<ArgumentException>(() => session.Run(slot));
    }

    [Fact]
    public void Run_SlotThatOutlivedItsSession_RunsInTheNextWithItsInput()
    {
        string model = TinyModel.Write(_folder["tiny.onnx"]);
        OnnxModelSession first = Open(model);
        using BatchSlot slot = first.CreateSlot();
        Write(slot, 0, first: 7);
        slot.ImageCount = 1;
        first.Run(slot);
        first.Dispose();
        using OnnxModelSession second = Open(model);
        second.Run(slot);
        Assert.Equal(7, slot.Outputs(0).Boxes[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Dispose_InAnyOrderAndTwice_IsSafe(bool sessionFirst)
    {
        OnnxModelSession session = Open(TinyModel.Write(_folder["tiny.onnx"]));
        BatchSlot slot = session.CreateSlot();
        slot.ImageCount = 1;
        session.Run(slot);
        IDisposable[] order = sessionFirst ? [session, slot] : [slot, session];
        foreach (IDisposable disposable in order)
        {
            disposable.Dispose();
            disposable.Dispose();
        }

        Assert.Throws<ObjectDisposedException>(() => session.Run(slot));
        Assert.Throws<ObjectDisposedException>(session.CreateSlot);
        Assert.Throws<ObjectDisposedException>(() => slot.Input(0).Length);
    }

    [Fact]
    public void Open_NoFile_SaysSo()
    {
        var exception = Assert.Throws<ModelException>(() => Open(_folder["absent.onnx"]));
        Assert.Contains("absent.onnx", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_GraphWithFixedBatch_RefusesOtherBatchSizes()
    {
        string model = TinyModel.Write(_folder["tiny.onnx"], batch: 1);
        Open(model).Dispose();
        var exception = Assert.Throws<ModelException>(() => Open(model, Cpu with { BatchSizes = [1, 4] }));
        Assert.Contains("batches of 1 only", exception.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, ModelSignature> Disagreements()
    {
        InputSpec input = TinyModel.Input;
        OutputSpec boxes = TinyModel.Signature.Outputs[0];
        OutputSpec scores = TinyModel.Signature.Outputs[1];
        return new TheoryData<string, ModelSignature>
        {
            { "no input 'picture'", new(input with { Name = "picture" }, [boxes, scores]) },
            { "[any, 3, 2, 2], but [batch, 3, 2, 4]", new(input with { Width = 4 }, [boxes, scores]) },
            { "[any, 3, 2, 2], but [batch, 2, 2, 3]", new(input with { Layout = TensorLayout.Nhwc }, [boxes, scores]) },
            { "is Float, but must be UInt8", new(input with { Element = TensorElement.UInt8 }, [boxes, scores]) },
            { "no output 'heads'", new(input, [new("heads", OutputRole.Boxes, [3, 4]), scores]) },
            { "[any, 4, 3], but [batch, 4, 91]", new(input, [boxes, new("scores", OutputRole.Scores, [4, 91])]) },
            { "[any, 4, 3], but [batch, 12]", new(input, [boxes, new("scores", OutputRole.Scores, [12])]) },
        };
    }

    [Theory]
    [MemberData(nameof(Disagreements))]
    public void Open_ManifestDisagrees_NamesTheDifference(string difference, ModelSignature signature)
    {
        string model = TinyModel.Write(_folder["tiny.onnx"]);
        var exception = Assert.Throws<ModelException>(() => OnnxModelSession.Open(model, signature, Cpu));
        Assert.Contains(difference, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_RowsLeftOpenByTheGraph_AreCheckedByARun()
    {
        string model = TinyModel.Write(_folder["tiny.onnx"], openRows: true);
        Open(model).Dispose();
        ModelSignature wrong = new(
            TinyModel.Input, [new("boxes", OutputRole.Boxes, [5, 4]), TinyModel.Signature.Outputs[1]]);
        Assert.Throws<ModelException>(() => OnnxModelSession.Open(model, wrong, Cpu));
    }

    [Fact]
    public void Open_ProviderThatIsNotThere_IsAnErrorUnlessFallbackIsAllowed()
    {
        string model = TinyModel.Write(_folder["tiny.onnx"]);
        ModelSessionOptions options = Cpu with { Provider = ExecutionProvider.TensorRt };
        var exception = Assert.Throws<ModelException>(() => Open(model, options));
        Assert.Contains("tensorrt", exception.Message, StringComparison.Ordinal);
        using OnnxModelSession session = Open(model, options with { AllowFallback = true });
        Assert.Equal("cpu", session.Provider);
        Assert.StartsWith("tensorrt: ", Assert.Single(session.RejectedProviders), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExecutionProvider.Cuda)]
    [InlineData(ExecutionProvider.TensorRt)]
    public void Open_DeviceThatIsNotThere_NamesIt(ExecutionProvider provider)
    {
        string model = TinyModel.Write(_folder["tiny.onnx"]);
        var exception = Assert.Throws<ModelException>(() => Open(model, Cpu with { Provider = provider, Device = 77 }));
        Assert.Contains(
            $"{provider.ToString().ToLowerInvariant()} device 77: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("--provider auto or cpu", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>With <c>auto</c> a number that no GPU has is a reason to run on the CPU, and said.</summary>
    [Fact]
    public void Open_AutoWithADeviceThatIsNotThere_RunsOnTheCpuAndSaysWhy()
    {
        using OnnxModelSession session = Open(
            TinyModel.Write(_folder["tiny.onnx"]), Cpu with { Provider = ExecutionProvider.Auto, Device = 77 });
        Assert.Equal("cpu", session.Provider);
        Assert.StartsWith("cuda device 77: ", Assert.Single(session.RejectedProviders), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Auto_RunsSomewhereAndSaysWhere()
    {
        using OnnxModelSession session = Open(
            TinyModel.Write(_folder["tiny.onnx"]), Cpu with { Provider = ExecutionProvider.Auto });
        Assert.Equal(session.Provider == "cpu" ? 1 : 0, session.RejectedProviders.Length);
    }

    [Fact]
    public void Open_RandomBytes_IsAModelException()
    {
        var random = new Random(1);
        for (int length = 0; length < 2000; length += 97)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            File.WriteAllBytes(_folder["random.onnx"], bytes);
            Assert.Throws<ModelException>(() => Open(_folder["random.onnx"]));
        }
    }

    [Fact]
    public void Open_TruncatedOrMutilatedModel_RunsOrIsAModelException()
    {
        byte[] model = File.ReadAllBytes(TinyModel.Write(_folder["tiny.onnx"]));
        var random = new Random(1);
        for (int attempt = 0; attempt < 300; attempt++)
        {
            byte[] bytes = model[..(attempt % 2 == 0 ? random.Next(model.Length) : model.Length)];
            for (int change = random.Next(4); change > 0 && bytes.Length > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(_folder["broken.onnx"], bytes);
            try
            {
                Open(_folder["broken.onnx"]).Dispose();
            }
            catch (ModelException exception)
            {
                Assert.DoesNotContain('\n', exception.Message);
            }
        }
    }

    private static OnnxModelSession Open(string model, ModelSessionOptions? options = null) =>
        OnnxModelSession.Open(model, TinyModel.Signature, options ?? Cpu);

    private static void Write(BatchSlot slot, int image, float first)
    {
        Span<float> values = MemoryMarshal.Cast<byte, float>(slot.Input(image));
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = first + i;
        }
    }
}
