using System.Globalization;
using System.Text.Json;
using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>
/// The program with ONNX Runtime's own CUDA provider over libraries that stand in for NVIDIA's (tests/cuda): everything but the
/// arithmetic of a GPU.
/// </summary>
public sealed class CudaStandInTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [CudaSetUpFact]
    public async Task Run_DefaultModel_RunsWhollyOnTheDeviceAndGivesEverythingBack()
    {
        CommandResult result = await RunAsync("delay=20", "--source", "test://320x240@1000?count=10", "--report", _folder["report.json"]);

        Assert.True(result.ExitCode == 0, result.Error);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder["report.json"]));
        Assert.Equal("cuda", report.RootElement.GetProperty("provider").GetString());
        foreach (string stage in (string[])["copy-in", "device", "copy-out"])
        {
            Assert.Equal(10, report.RootElement.GetProperty("stages").GetProperty(stage).GetProperty("frames").GetInt32());
        }

        Dictionary<string, long> counts = await CountsAsync();
        foreach (string what in (string[])["device", "pinned"])
        {
            Assert.Equal(counts[$"{what}.allocations"], counts[$"{what}.releases"]);
        }

        foreach (string what in (string[])["stream", "event"])
        {
            Assert.Equal(counts[$"{what}.creations"], counts[$"{what}.releases"]);
        }

        // 88 convolutions a run, the warm-up's among them, and nothing that is copied waits for main memory.
        Assert.Equal(11 * 88, counts["kernel.cudnnBackendExecute"]);
        Assert.Equal(11 * 88, counts["kernel.cudnnAddTensor"]);
        Assert.DoesNotContain("copies.pageable-in-stream", counts.Keys);
    }

    [CudaSetUpFact]
    public async Task Run_FusedBias_AddsNoBiasInAPassOfItsOwn()
    {
        CommandResult result = await RunAsync(
            "delay=0", [new("PIPELINE_Inference__FusedBias", "true")], "--source", "test://320x240@1000?count=2");

        Assert.True(result.ExitCode == 0, result.Error);
        Dictionary<string, long> counts = await CountsAsync();
        Assert.Equal(3 * 88, counts["kernel.cudnnBackendExecute"]);
        Assert.DoesNotContain("kernel.cudnnAddTensor", counts.Keys);
    }

    [CudaSetUpTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_ModelOfPixels_FindsInEveryFrameWhatTheCpuFinds(bool graph)
    {
        string model = PixelModel.Write(_folder.Path);
        string[] options =
        [
            "--model", model, "--batch", "4", "--source", "test://320x240@1000?count=150&sources=3", "--jsonl", _folder["{source}.jsonl"],
        ];
        CommandResult cpu = await PipelineProgram.RunAsync(["run", "--every-frame", "--provider", "cpu", .. options]);
        Assert.True(cpu.ExitCode == 0, cpu.Error);
        Dictionary<string, string> expected = await DetectionsAsync();

        CommandResult cuda = await RunAsync("delay=300", [new("PIPELINE_Inference__CudaGraph", graph ? "true" : "false")], options);

        Assert.True(cuda.ExitCode == 0, cuda.Error);
        Assert.Equal(expected, await DetectionsAsync());
        Assert.Equal(450, expected.Count);
        Assert.True(expected.Values.Distinct(StringComparer.Ordinal).Count() > 100);
        Dictionary<string, long> counts = await CountsAsync();
        Assert.Equal(graph, counts.ContainsKey("graph.launches"));
        Assert.DoesNotContain("graph.copies-of-changed-bytes", counts.Keys);
        Assert.DoesNotContain("copies.pageable-in-stream", counts.Keys);
    }

    [CudaSetUpTheory]
    [InlineData("kernel:3000:700", "an illegal memory access", false)]
    [InlineData("kernel:3000:999", "unknown error", false)]
    [InlineData("copy:260:700", "an illegal memory access", false)]
    [InlineData("kernel:6000:700", "an illegal memory access", true)]
    [InlineData("copy:500:700", "an illegal memory access", true)]
    public async Task Run_DeviceIsLost_EndsWithAFaultAndAWholeRecording(string failure, string reason, bool graph)
    {
        CommandResult result = await RunAsync(
            $"fail={failure}",
            [new("PIPELINE_Inference__CudaGraph", graph ? "true" : "false")],
            "--source", "test://320x240@1000?count=200", "--record", _folder["film.mp4"], "--jsonl", _folder["film.jsonl"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("The device is lost", result.Error, StringComparison.Ordinal);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("A new session is opened", result.Error, StringComparison.OrdinalIgnoreCase);
        int results = (await File.ReadAllLinesAsync(_folder["film.jsonl"])).Length;
        Assert.InRange(results, 1, 100);
        Assert.Equal(results, await VideoProbe.CountFramesAsync(_folder["film.mp4"]));
    }

    [CudaSetUpTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_ARunFailsOnASoundDevice_CostsItsFrameAndGoesOnThere(bool graph)
    {
        // With graphs only recordings launch kernels one by one: in that case it is a recording that fails.
        CommandResult result = await RunAsync(
            $"fail=kernel:{(graph ? 1900 : 3000)}:2",
            [new("PIPELINE_Inference__CudaGraph", graph ? "true" : "false")],
            "--source", "test://320x240@1000?count=40", "--jsonl", _folder["film.jsonl"]);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("a new session is opened", result.Error, StringComparison.Ordinal);
        Assert.Contains("The model runs again, on cuda.", result.Error, StringComparison.Ordinal);
        Assert.Equal(39, (await File.ReadAllLinesAsync(_folder["film.jsonl"])).Length);
        Dictionary<string, long> counts = await CountsAsync();
        Assert.Equal(counts["device.allocations"], counts["device.releases"]);
        Assert.Equal(counts["pinned.allocations"], counts["pinned.releases"]);
    }

    [CudaSetUpFact]
    public async Task Run_NoRunSucceedsAnyMore_EndsAndDoesNotGoOnWithTheCpu()
    {
        CommandResult result = await RunAsync(
            "fail=kernel:3000+:2",
            "--source", "test://320x240@1000?count=200", "--provider", "auto", "--record", _folder["film.mp4"], "--report", _folder["report.json"]);

        Assert.Equal(4, result.ExitCode);
        Assert.Contains("a new session is opened", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("The model runs again", result.Error, StringComparison.Ordinal);
        Assert.Contains("was loaded but does not run", result.Error, StringComparison.Ordinal);
        Assert.InRange(await VideoProbe.CountFramesAsync(_folder["film.mp4"]), 1, 100);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder["report.json"]));
        Assert.Equal("cuda", report.RootElement.GetProperty("provider").GetString());
    }

    [CudaSetUpTheory]
    [InlineData("kernel:3000:hang", false)]
    [InlineData("copy:500:hang", true)]
    public async Task Run_DeviceHangs_EndsWithAFaultAndAWholeRecording(string failure, bool graph)
    {
        CommandResult result = await RunAsync(
            $"fail={failure}",
            [new("PIPELINE_Inference__CudaGraph", graph ? "true" : "false")],
            "--source", "test://320x240@1000?count=200", "--record", _folder["film.mp4"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("The device is lost", result.Error, StringComparison.Ordinal);
        Assert.Contains("has not come back after 30 s", result.Error, StringComparison.Ordinal);
        Assert.InRange(await VideoProbe.CountFramesAsync(_folder["film.mp4"]), 1, 100);
    }

    /// <summary>
    /// The third slot's graph is recorded, with kernels 5398 to 5654 at the end of it, while the first slot's next input wants to
    /// be copied and may not be.
    /// </summary>
    [CudaSetUpFact]
    public async Task Run_DeviceHangsWhileAGraphIsRecorded_EndsWithAFault()
    {
        CommandResult result = await RunAsync(
            "fail=kernel:5500:hang", [new("PIPELINE_Inference__CudaGraph", "true")], "--source", "test://320x240@1000?count=200");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("has not come back after 30 s", result.Error, StringComparison.Ordinal);
    }

    /// <summary>A session takes the device's memory 191 times, its slots' too; the 250th is of the second session's opening.</summary>
    [CudaSetUpFact]
    public async Task Run_DeviceHangsWhileTheModelIsOpenedAgain_EndsWithAFaultAndAWholeRecording()
    {
        CommandResult result = await RunAsync(
            "fail=kernel:3000:2 fail=allocation:250:hang", "--source", "test://320x240@1000?count=200", "--record", _folder["film.mp4"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("a new session is opened", result.Error, StringComparison.Ordinal);
        Assert.Contains("The device is lost", result.Error, StringComparison.Ordinal);
        Assert.Contains("The model has not opened again after", result.Error, StringComparison.Ordinal);
        Assert.InRange(await VideoProbe.CountFramesAsync(_folder["film.mp4"]), 1, 100);
    }

    [CudaSetUpFact]
    public async Task Run_InterruptedWhileTheModelIsOpened_EndsAtOnceAndHasTouchedNothing()
    {
        await File.WriteAllTextAsync(_folder["lines.jsonl"], "of an earlier run");
        using Command program = PipelineProgram.Start(
            await EnvironmentAsync("fail=kernel:5:hang", []),
            "run", "--provider", "cuda", "--source", "test://320x240@30", "--jsonl", _folder["lines.jsonl"]);
        SpinWait.SpinUntil(() => File.ReadAllText($"/proc/{program.Id}/maps").Contains("libcudnn", StringComparison.Ordinal));

        program.Signal(2);

        CommandResult result = await program.WaitAsync();
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("of an earlier run", await File.ReadAllTextAsync(_folder["lines.jsonl"]));
    }

    [CudaSetUpTheory]
    [InlineData("devices=0", "finds no GPU")]
    [InlineData("driver=12040", "for CUDA 12.4, and CUDA 13 needs driver 580 or newer")]
    [InlineData("memory=16", "Failed to allocate memory")]
    public async Task Run_DeviceThatCannotBeUsed_IsRefusedInOneLine(string gpu, string reason)
    {
        CommandResult result = await RunAsync(gpu, "--source", "test://320x240@1000?count=2");

        Assert.Equal(4, result.ExitCode);
        Assert.Contains(reason, Assert.Single(result.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [CudaSetUpFact]
    public async Task Run_AutoWithADeviceThatCannotBeUsed_TakesTheCpuAndSaysWhy()
    {
        CommandResult result = await RunAsync("devices=0", "--source", "test://320x240@1000?count=2", "--provider", "auto");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("runs on cpu, for want of cuda: libcuda.so.1 (NVIDIA's driver): finds no GPU", result.Error, StringComparison.Ordinal);
    }

    [CudaSetUpFact]
    public async Task Run_TensorRtThatIsNotThere_NamesItsLibraries()
    {
        CommandResult result = await RunAsync("devices=1", "--source", "test://320x240@1000?count=2", "--provider", "tensorrt");

        Assert.Equal(4, result.ExitCode);
        Assert.Contains("(tensorrt: libnvinfer.so.10, libnvonnxparser.so.10 (TensorRT 10): not found.", result.Error, StringComparison.Ordinal);
    }

    [CudaSetUpFact]
    public async Task BenchDevice_ModelOfPixels_IsTheCpusInEverySetupOfSinglePrecision()
    {
        string[] setups = ["fp32", "fp32 graph", "fp32 channels-last", "tf32", "tf32 channels-last graph", "tf32 channels-last fused-bias graph"];
        CommandResult result = await StartAsync(
            "delay=100",
            [],
            [
                "bench", "device", PixelModel.Write(_folder.Path), "--provider", "cuda", "--batches", "1,8", "--seconds", "0.1",
                "--setups", string.Join(',', setups), "--json", _folder["device.json"],
            ]);

        Assert.True(result.ExitCode == 0, result.Error);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder["device.json"]));
        JsonElement[] figures = [.. report.RootElement.GetProperty("setups").EnumerateArray()];
        Assert.Equal(2 * setups.Length, figures.Length);
        Assert.All(figures, setup =>
        {
            Assert.Equal("cuda", setup.GetProperty("provider").GetString());
            JsonElement parity = setup.GetProperty("parity");
            Assert.Equal(0, parity.GetProperty("largestBoxDifference").GetDouble());
            Assert.Equal(0, parity.GetProperty("largestScoreDifference").GetDouble());
            Assert.True(parity.GetProperty("isWithinBounds").GetBoolean());
            Assert.Equal(1, parity.GetProperty("sameDetections").GetInt32());
            Assert.True(setup.GetProperty("rate").GetProperty("copyInMs").GetDouble() > 0);
        });
    }

    /// <summary>Its lists for Concat are so large that ONNX Runtime's locked memory has to grow more than once.</summary>
    [CudaSetUpFact]
    public async Task BenchDevice_Ssd512AsAGraph_IsRecordedForEverySlot()
    {
        CommandResult result = await StartAsync(
            "memory=8192",
            [],
            ["bench", "device", "ssd512-vgg16", "--provider", "cuda", "--batches", "1", "--seconds", "0", "--setups", "fp32 graph", "--json", _folder["device.json"]]);

        // Nothing is computed, so that its results are refused; but every slot's runs were recorded and replayed.
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("further from the CPU's than they may be (docs/gpu.md): fp32 graph at batch 1.", result.Error, StringComparison.Ordinal);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder["device.json"]));
        Assert.Equal("cuda", Assert.Single(report.RootElement.GetProperty("setups").EnumerateArray()).GetProperty("provider").GetString());
        Dictionary<string, long> counts = await CountsAsync();
        Assert.Equal(4, counts["graph.captures"]);
        Assert.DoesNotContain("graph.copies-of-changed-bytes", counts.Keys);
    }

    /// <summary>The first one's input alone takes 276 MB.</summary>
    [CudaSetUpFact]
    public async Task BenchDevice_ABatchTakesTooMuchMemory_CostsNoOtherBatch()
    {
        await StartAsync(
            "memory=160",
            [],
            ["bench", "device", "ssdlite_mobilenet_v2_coco", "--provider", "cuda", "--batches", "256,1", "--seconds", "0", "--setups", "fp32", "--json", _folder["device.json"]]);

        using JsonDocument report = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder["device.json"]));
        JsonElement[] figures = [.. report.RootElement.GetProperty("setups").EnumerateArray()];
        Assert.Contains("CUDA failure 2 in cudaMalloc", figures[0].GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Equal((null, "cuda"), (figures[1].GetProperty("problem").GetString(), figures[1].GetProperty("provider").GetString()));
    }

    private Task<CommandResult> RunAsync(string gpu, params string[] options) => RunAsync(gpu, [], options);

    private Task<CommandResult> RunAsync(string gpu, KeyValuePair<string, string?>[] settings, params string[] options)
    {
        string[] provider = options.Contains("--provider", StringComparer.Ordinal) ? [] : ["--provider", "cuda"];
        return StartAsync(gpu, settings, ["run", "--every-frame", .. provider, .. options]);
    }

    private async Task<CommandResult> StartAsync(string gpu, KeyValuePair<string, string?>[] settings, string[] arguments) =>
        await PipelineProgram.RunAsync(await EnvironmentAsync(gpu, settings), arguments);

    private async Task<Dictionary<string, string?>> EnvironmentAsync(string gpu, KeyValuePair<string, string?>[] settings) =>
        new(settings, StringComparer.Ordinal)
        {
            ["STANDIN_CUDA"] = gpu,
            ["STANDIN_CUDA_REPORT"] = _folder["counts"],
            ["PIPELINE_Inference__CudaLibraries__0"] = await CudaStandIn.FolderAsync(),
        };

    // "device.allocations 194"
    private async Task<Dictionary<string, long>> CountsAsync() => (await File.ReadAllLinesAsync(_folder["counts"]))
        .Select(line => line.Split(' '))
        .ToDictionary(words => words[0], words => long.Parse(words[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    /// <summary>What was found, by source and frame.</summary>
    private async Task<Dictionary<string, string>> DetectionsAsync()
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(_folder.Path, "*.jsonl"))
        {
            foreach (string text in await File.ReadAllLinesAsync(file))
            {
                using JsonDocument line = JsonDocument.Parse(text);
                JsonElement root = line.RootElement;
                found.Add($"{root.GetProperty("source")} {root.GetProperty("frame")}", root.GetProperty("detections").GetRawText());
            }
        }

        return found;
    }
}
