using System.Text.Json;
using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>bench, where it takes seconds: with --synthetic.</summary>
public sealed class BenchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Bench_Synthetic_WritesTheStagesAndNothingThatNeedsOpenCv()
    {
        CommandResult result = await PipelineProgram.RunAsync("bench", "--synthetic", "--json", _folder["bench.json"]);

        Assert.True(result.ExitCode == 0, result.Error);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(_folder["bench.json"]));
        JsonElement root = report.RootElement;
        Assert.True(root.GetProperty("session").GetProperty("fps").GetDouble() > 0);
        Assert.True(root.GetProperty("preprocess").GetProperty("microseconds").GetDouble() > 0);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("preprocess").GetProperty("opencvMicroseconds").ValueKind);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("pipeline").ValueKind);
        string[] settings = ["ssd300At05", "ssd300At001", "coco8732x81At05", "default"];
        Assert.All(settings, name =>
            Assert.True(root.GetProperty("postprocess").GetProperty("microseconds").GetProperty(name).GetDouble() > 0));
    }

    [Fact]
    public async Task BenchDevice_OnTheCpu_MeasuresBothPrecisionsAgainstTheCpu()
    {
        string[] colours = ["0 0 255", "255 0 0"];
        await File.WriteAllBytesAsync(_folder["two.ppm"], [.. colours.SelectMany(Ppm)]);

        CommandResult result = await PipelineProgram.RunAsync(
            "bench", "device", "ssdlite_mobilenet_v2_coco", "--provider", "cpu", "--batches", "1,2", "--seconds", "0",
            "--pictures", _folder["two.ppm"], "--json", _folder["device.json"]);

        Assert.True(result.ExitCode == 0, result.Error);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(_folder["device.json"]));
        JsonElement[] setups = [.. report.RootElement.GetProperty("setups").EnumerateArray()];
        Assert.Equal(["fp32 1", "fp32 2", "fp16 1", "fp16 2"], setups.Select(setup =>
            $"{setup.GetProperty("setup").GetString()} {setup.GetProperty("batch").GetInt32()}"));
        Assert.All(setups, setup =>
        {
            Assert.True(setup.GetProperty("rate").GetProperty("fps").GetDouble() > 0);
            Assert.Equal(JsonValueKind.Null, setup.GetProperty("rate").GetProperty("deviceIdle").ValueKind);
            Assert.Equal(2, setup.GetProperty("parity").GetProperty("sameDetections").GetInt32());
        });
        Assert.InRange(setups[0].GetProperty("parity").GetProperty("largestScoreDifference").GetDouble(), 0, 1e-4);
        Assert.InRange(setups[2].GetProperty("parity").GetProperty("largestScoreDifference").GetDouble(), 1e-4, 1);
    }

    [Fact]
    public async Task BenchDevice_SetupsNamed_MeasuresThoseInThatOrder()
    {
        CommandResult result = await PipelineProgram.RunAsync(
            "bench", "device", "ssdlite_mobilenet_v2_coco", "--provider", "cpu", "--setups", "fp16, fp32", "--batches", "1",
            "--seconds", "0", "--json", _folder["device.json"]);

        Assert.True(result.ExitCode == 0, result.Error);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(_folder["device.json"]));
        Assert.Equal(
            ["fp16", "fp32"],
            report.RootElement.GetProperty("setups").EnumerateArray().Select(setup => setup.GetProperty("setup").GetString()));
    }

    [Fact]
    public async Task BenchDevice_SetupThatIsNone_NamesThoseThatThereAre()
    {
        CommandResult result = await PipelineProgram.RunAsync(
            "bench", "device", "ssdlite_mobilenet_v2_coco", "--provider", "cpu", "--setups", "fp32,fp16 graph");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--setups has 'fp16 graph', which cpu does not have: fp32, fp16.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BenchDevice_Interrupted_KeepsWhatWasMeasuredAndEndsWithoutFault()
    {
        // So many lines take minutes: the signal comes long before the last.
        string batches = string.Join(',', Enumerable.Repeat(1, 500));
        using Command bench = PipelineProgram.Start(
            "bench", "device", "ssdlite_mobilenet_v2_coco", "--provider", "cpu", "--setups", "fp32", "--batches", batches,
            "--seconds", "0", "--json", _folder["device.json"]);
        await Command.ReadUntilAsync(bench.Output, "fp32");

        bench.Signal(2);
        CommandResult result = await bench.WaitAsync();

        Assert.Equal(0, result.ExitCode);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(_folder["device.json"]));
        Assert.InRange(report.RootElement.GetProperty("setups").GetArrayLength(), 1, 499);
    }

    [Fact]
    public async Task BenchDevice_PicturesThatAreNone_IsAUsageError()
    {
        await File.WriteAllTextAsync(_folder["text.ppm"], "P6 2 2 255 ");

        CommandResult result = await PipelineProgram.RunAsync(
            "bench", "device", "ssdlite_mobilenet_v2_coco", "--provider", "cpu", "--pictures", _folder["text.ppm"]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--pictures is", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_NoVideoKnown_SaysHowToGiveOne()
    {
        CommandResult result = await PipelineProgram.RunAsync("bench", "--source", _folder["missing.avi"]);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("There is no file", result.Error, StringComparison.Ordinal);
    }

    /// <summary>A picture of 4×2 pixels of one colour.</summary>
    private static byte[] Ppm(string colour) =>
        [.. "P6\n4 2\n255\n"u8, .. Enumerable.Repeat(colour.Split(' ').Select(byte.Parse), 8).SelectMany(pixel => pixel)];
}
