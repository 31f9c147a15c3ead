using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Pipeline.Testing;

namespace Pipeline.Inference.Tests;

/// <summary>
/// A session over a device's memory: the CPU's session with a device that is made up, whose copies happen as late as the session
/// allows.
/// </summary>
public sealed class DeviceBindingTests : IDisposable
{
    private static readonly ModelSessionOptions Cpu = new() { Provider = ExecutionProvider.Cpu, Threads = 1 };

    private readonly TemporaryFolder _folder = new();
    private readonly FakeDevice _device = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_OverADevice_BringsInputThereAndOutputsBack()
    {
        using OnnxModelSession session = Open([1]);
        using BatchSlot slot = session.CreateSlot();
        for (int first = 1; first < 4; first++)
        {
            Write(slot, 0, first);
            slot.ImageCount = 1;
            session.Run(slot);
            Assert.Equal(first, slot.Outputs(0).Boxes[0]);
            Assert.Equal(-first - 11, slot.Outputs(0).Scores[^1]);
        }
    }

    [Fact]
    public void Run_HalfPrecisionOutputs_AreCopiedAsTheyAreAndWidened()
    {
        using OnnxModelSession session = Open([1], half: true);
        using BatchSlot slot = session.CreateSlot();
        Write(slot, 0, first: 0.5f);
        slot.ImageCount = 1;
        _device.Log.Clear();
        session.Run(slot);
        Assert.Equal(11.5f, slot.Outputs(0).Boxes[^1]);
        Assert.Equal(["in 48", "out 24", "out 24"], _device.Log);
    }

    [Fact]
    public void Run_SomeImages_CopiesThoseAlone()
    {
        using OnnxModelSession session = Open([1, 4]);
        using BatchSlot slot = session.CreateSlot();
        Write(slot, 0, first: 1);
        Write(slot, 1, first: 2);
        slot.ImageCount = 2;
        slot.ClearPadding();
        _device.Log.Clear();
        session.Run(slot);
        Assert.Equal(2, slot.Outputs(1).Boxes[0]);
        Assert.Equal(["in 192", "out 96", "out 96"], _device.Log);
    }

    [Fact]
    public void BeginUpload_WhileAnotherSlotRuns_IsNotDoneAgain()
    {
        using OnnxModelSession session = Open([1]);
        using BatchSlot first = session.CreateSlot();
        using BatchSlot second = session.CreateSlot();
        foreach (BatchSlot slot in (BatchSlot[])[first, second])
        {
            Write(slot, 0, first: slot == first ? 10 : 20);
            slot.ImageCount = 1;
            session.Run(slot);
        }

        _ = second.Outputs(0);
        Write(second, 0, first: 21);
        _device.Log.Clear();
        second.BeginUpload();
        session.Run(first);
        session.Run(second);
        Assert.Equal(10, first.Outputs(0).Boxes[0]);
        Assert.Equal(21, second.Outputs(0).Boxes[0]);
        Assert.Equal(2, _device.Log.Count(line => line == "in 48"));
    }

    [Fact]
    public void DeviceTimes_AfterOutputsWereLookedAt_AreTheDevices()
    {
        using OnnxModelSession session = Open([1]);
        using BatchSlot slot = session.CreateSlot();
        slot.ImageCount = 1;
        session.Run(slot);
        Assert.Null(slot.DeviceTimes);
        slot.WaitForOutputs();
        DeviceTimes times = Assert.NotNull(slot.DeviceTimes);
        Assert.True(times.CopyIn > TimeSpan.Zero);
        Assert.True(times.CopyOut > TimeSpan.Zero);
    }

    [Fact]
    public void Outputs_SessionEndedMeanwhile_AreThere()
    {
        OnnxModelSession session = Open([1]);
        using BatchSlot slot = session.CreateSlot();
        Write(slot, 0, first: 5);
        slot.ImageCount = 1;
        session.Run(slot);
        session.Dispose();
        Assert.Equal(5, slot.Outputs(0).Boxes[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Outputs_LostOnTheirWay_IsAnErrorEachTime(bool sessionEnds)
    {
        OnnxModelSession session = Open([1]);
        using BatchSlot slot = session.CreateSlot();
        slot.ImageCount = 1;
        session.Run(slot);
        _device.CopyOutFailure = new ModelRunException("CUDA failure 700 in cudaEventSynchronize") { IsDeviceLost = true };
        if (sessionEnds)
        {
            session.Dispose();
        }

        for (int look = 0; look < 2; look++)
        {
            var exception = Assert.Throws<ModelRunException>(slot.WaitForOutputs);
            Assert.True(exception.IsDeviceLost);
        }

        session.Dispose();
    }

    /// <summary>cuDNN's errors do not say that CUDA's was a final one, so that the device is asked.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("CUDA failure 700 in cudaStreamQuery: cudaErrorIllegalAddress")]
    public void Run_FailsWithAnErrorThatNamesNoneOfCudas_IsALostDeviceWhereItIs(string? loss)
    {
        using OnnxModelSession session = Open([1], trap: true);
        using BatchSlot slot = session.CreateSlot();
        Write(slot, 0, first: 3);
        slot.ImageCount = 1;
        _device.Loss = loss;

        var exception = Assert.Throws<ModelRunException>(() => session.Run(slot));

        Assert.Equal(loss is not null, exception.IsDeviceLost);
        Assert.EndsWith(loss is null ? "]" : $"] ({loss})", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AbandonRun_OutputsStillOnTheirWay_AreLostAndNotWaitedFor()
    {
        OnnxModelSession session = Open([1]);
        using BatchSlot slot = session.CreateSlot();
        slot.ImageCount = 1;
        session.Run(slot);
        _device.CopyOutFailure = new ModelRunException("Nobody may wait for this.");

        Assert.True(session.AbandonRun());
        session.Dispose();

        Assert.True(Assert.Throws<ModelRunException>(slot.WaitForOutputs).IsDeviceLost);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AbandonRun_AThreadWaitsForOutputsThatDoNotCome_KeepsNobodyElseWaiting(bool cudaGraph)
    {
        OnnxModelSession session = Open([1], cudaGraph: cudaGraph);
        BatchSlot slot = session.CreateSlot();
        slot.ImageCount = 1;
        session.Run(slot);
        _device.CopyOutHangs = true;
        new Thread(slot.WaitForOutputs) { IsBackground = true }.Start();
        await _device.Hanging.Task;

        session.AbandonRun();

        await Task.Run(() =>
        {
            session.Dispose();
            Assert.True(Assert.Throws<ModelRunException>(slot.WaitForOutputs).IsDeviceLost);
            slot.Dispose();
        }).WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Run_SlotOfAnEndedSession_RunsInTheNext()
    {
        OnnxModelSession first = Open([1]);
        using BatchSlot slot = first.CreateSlot();
        Write(slot, 0, first: 7);
        slot.ImageCount = 1;
        first.Run(slot);
        first.Dispose();
        slot.BeginUpload();
        using OnnxModelSession second = OnnxModelSession.Open(
            TinyModel.Write(_folder["tiny.onnx"]), TinyModel.Signature, Cpu);
        second.Run(slot);
        Assert.Equal(7, slot.Outputs(0).Boxes[0]);
        Assert.Null(slot.DeviceTimes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Dispose_InAnyOrder_GivesEverythingBack(bool sessionFirst)
    {
        OnnxModelSession session = Open([1, 2]);
        BatchSlot slot = session.CreateSlot();
        slot.ImageCount = 2;
        session.Run(slot);
        Assert.Equal(3, _device.Blocks);
        IDisposable[] order = sessionFirst ? [session, slot] : [slot, session];
        foreach (IDisposable disposable in order)
        {
            disposable.Dispose();
        }

        Assert.Equal((0, 0, true), (_device.Blocks, _device.Events, _device.IsDisposed));
    }

    [Fact]
    public void Run_Recorded_IsComparedWithAPlainRunOnceForEachSlot()
    {
        using OnnxModelSession session = Open([2], cudaGraph: true);
        using BatchSlot first = session.CreateSlot();
        using BatchSlot second = session.CreateSlot();
        foreach ((BatchSlot slot, int images, int uploads) in ((BatchSlot, int, int)[])
            [(first, 1, 2), (first, 2, 1), (second, 2, 2), (second, 1, 1), (first, 1, 1)])
        {
            Write(slot, 0, first: images);
            slot.ImageCount = images;
            slot.ClearPadding();
            _device.Log.Clear();
            session.Run(slot);
            Assert.Equal(images, slot.Outputs(0).Boxes[0]);
            Assert.Equal(uploads, _device.Log.Count(line => line == "in 96"));
        }
    }

    [Fact]
    public void Open_RecordedWithSeveralBatchSizes_IsRefused()
    {
        ModelSessionOptions options = Cpu with { BatchSizes = [1, 2], CudaGraph = true };

        var exception = Assert.Throws<ArgumentException>(
            () => OnnxModelSession.Open(TinyModel.Write(_folder["tiny.onnx"]), TinyModel.Signature, options));

        Assert.StartsWith("A session that records its runs has one batch size, and not 1, 2.", exception.Message, StringComparison.Ordinal);
    }

    private static void Write(BatchSlot slot, int image, float first)
    {
        Span<float> values = MemoryMarshal.Cast<byte, float>(slot.Input(image));
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = first + i;
        }
    }

    private OnnxModelSession Open(ImmutableArray<int> batchSizes, bool half = false, bool cudaGraph = false, bool trap = false)
    {
        string path = TinyModel.Write(_folder["tiny.onnx"], half: half, trap: trap);
        ModelSessionOptions options = Cpu with { BatchSizes = batchSizes, CudaGraph = cudaGraph };
        OpenedSession opened = OnnxProviders.Open(path, options) with { Device = _device };
        return OnnxModelSession.Open(opened, path, TinyModel.Signature, options);
    }
}
