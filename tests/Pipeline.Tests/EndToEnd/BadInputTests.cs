using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>What the built program answers to input that is wrong: an exit code, and one line that says what and where.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Source_NoSuchFile_ExitsWith3()
    {
        string error = await FailAsync(3, "--source", _folder["absent.mp4"]);

        Assert.Contains(_folder["absent.mp4"], error);
    }

    [Fact]
    public async Task Source_EmptyFile_ExitsWith3()
    {
        await File.WriteAllBytesAsync(_folder["empty.mp4"], []);

        string error = await FailAsync(3, "--source", _folder["empty.mp4"]);

        Assert.Contains("is empty", error);
    }

    [Fact]
    public async Task Source_TextNamedMp4_ExitsWith3()
    {
        await File.WriteAllTextAsync(_folder["text.mp4"], "This is not a film.\n");

        string error = await FailAsync(3, "--source", _folder["text.mp4"]);

        Assert.Contains(_folder["text.mp4"], error);
    }

    [Fact]
    public async Task Source_VideoCutOffInTheMiddle_IsProcessedAsFarAsItGoesWithAWarning()
    {
        byte[] video = await File.ReadAllBytesAsync(Repository.SampleVideo);
        await File.WriteAllBytesAsync(_folder["cut.avi"], video[..400_000]);

        CommandResult result = await PipelineProgram.RunAsync(
            "run", "--source", _folder["cut.avi"], "--jsonl", _folder["cut.jsonl"]);

        Assert.True(result.ExitCode == 0, result.Error);
        int frames = File.ReadLines(_folder["cut.jsonl"]).Count();
        Assert.InRange(frames, 10, 100);
        Assert.Contains($"{frames} of 795", result.Error);
    }

    [Fact]
    public async Task Source_FolderWithABrokenPicture_PassesItOverAndCountsIt()
    {
        string pictures = Directory.CreateDirectory(_folder["pictures"]).FullName;
        WritePicture(Path.Combine(pictures, "1.ppm"));
        await File.WriteAllTextAsync(Path.Combine(pictures, "2.jpg"), "This is not a picture.\n");
        WritePicture(Path.Combine(pictures, "3.ppm"));

        CommandResult result = await PipelineProgram.RunAsync(
            "run", "--source", pictures, "--jsonl", _folder["out.jsonl"], "--report", _folder["report.json"]);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(2, File.ReadLines(_folder["out.jsonl"]).Count());
        Assert.Contains(Path.Combine(pictures, "2.jpg"), result.Error);
        JsonNode report = JsonNode.Parse(await File.ReadAllTextAsync(_folder["report.json"]))!;
        Assert.Equal(1, (int)report["sources"]!["pictures"]!["dropped"]!["unreadable"]!);
    }

    [Fact]
    public async Task Model_RandomBytes_ExitsWith4()
    {
        byte[] noise = new byte[100_000];
        new Random(1).NextBytes(noise);
        string model = CopyModel(noise);

        string error = await FailAsync(4, "--source", "test://64x48@10", "--model", model);

        Assert.Contains(model, error);
    }

    [Fact]
    public async Task Model_WithoutManifest_ExitsWith4()
    {
        File.Copy(Repository.DefaultModel, _folder["model.onnx"]);

        string error = await FailAsync(4, "--source", "test://64x48@10", "--model", _folder["model.onnx"]);

        Assert.Contains(_folder["model.json"], error);
    }

    [Fact]
    public async Task Model_OtherShapeThanInItsManifest_ExitsWith4()
    {
        string model = CopyModel(await File.ReadAllBytesAsync(Repository.DefaultModel));
        EditManifest(manifest => manifest["outputs"]![0]!["shape"]![0] = 1918);

        string error = await FailAsync(4, "--source", "test://64x48@10", "--model", model);

        Assert.Contains("1917", error);
        Assert.Contains("1918", error);
    }

    [Fact]
    public async Task Model_OtherFileThanItsManifestDescribes_ExitsWith4()
    {
        string model = CopyModel(await File.ReadAllBytesAsync(Repository.DefaultModel));
        EditManifest(manifest => manifest["sha256"] = new string('0', 64));

        string error = await FailAsync(4, "--source", "test://64x48@10", "--model", model);

        Assert.Contains("sha256", error);
    }

    [Theory]
    [InlineData("--record", "film.mp4")]
    [InlineData("--jsonl", "film.jsonl")]
    [InlineData("--report", "report.json")]
    public async Task Output_FolderThatCannotBeWritten_ExitsWith5(string option, string file)
    {
        // Not even root can make a file in a folder that is a file. The source has no end: the run must not begin.
        await File.WriteAllTextAsync(_folder["blocked"], "");
        string path = Path.Combine(_folder["blocked"], file);

        string error = await FailAsync(5, "--source", "test://64x48@10", option, path);

        Assert.Contains(_folder["blocked"], error);
    }

    [Fact]
    public async Task Output_LinkToASource_ExitsWith2AndLeavesIt()
    {
        await File.WriteAllTextAsync(_folder["film.mp4"], "a film");
        Directory.CreateSymbolicLink(_folder["elsewhere"], _folder.Path);
        File.CreateSymbolicLink(_folder["link.mp4"], "elsewhere/film.mp4");

        string error = await FailAsync(2, "--source", _folder["film.mp4"], "--record", _folder["elsewhere/link.mp4"]);

        Assert.Contains("would overwrite the source", error);
        Assert.Equal("a film", await File.ReadAllTextAsync(_folder["film.mp4"]));
    }

    [Fact]
    public async Task Report_FullDisk_ExitsWith5()
    {
        string error = await FailAsync(5, "--source", "test://64x48@50?count=2", "--quiet", "--report", "/dev/full");

        Assert.Contains("'/dev/full' can't be written", error);
    }

    [Fact]
    public async Task Http_PortInUse_ExitsWith5InOneLine()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        string error = await FailAsync(5, "--source", "test://64x48@10", "--http", $"http://{listener.LocalEndpoint}");

        Assert.Contains("another program listens there", error);
    }

    [Theory]
    [InlineData("--config")]
    [InlineData("--model")]
    [InlineData("--batch")]
    [InlineData("--frames")]
    [InlineData("--jsonl")]
    [InlineData("--classes")]
    public async Task Option_EmptyValue_ExitsWith2(string option)
    {
        string error = await FailAsync(2, "--source", "test://64x48@10", option, "");

        Assert.Equal($"ssd-pipeline: {option} is empty: give it a value, or leave it out.", error);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("run --quiet --help")]
    [InlineData("completion bash")]
    [InlineData("run --source test://64x48@50?count=2 --http off")]
    public async Task StandardOutput_FullDisk_ExitsWith5(string arguments)
    {
        CommandResult result = await Command.RunAsync(
            "bash", ["-c", $"exec \"$0\" {arguments} >/dev/full", Path.Combine(AppContext.BaseDirectory, "ssd-pipeline")]);

        Assert.Equal(5, result.ExitCode);
        Assert.EndsWith("ssd-pipeline: Standard output can't be written: No space left on device.\n", result.Error);
    }

    [Fact]
    public async Task JsonLines_ReaderIsGone_ExitsWith5AndSaysSo()
    {
        CommandResult result = await Command.RunAsync(
            "bash",
            [
                "-c", "\"$0\" run --source 'test://64x48@1000?count=300' --every-frame --http off --jsonl - | head -1; exit ${PIPESTATUS[0]}",
                Path.Combine(AppContext.BaseDirectory, "ssd-pipeline"),
            ]);

        Assert.Equal(5, result.ExitCode);
        Assert.Single(result.Output.TrimEnd().Split('\n'));
        Assert.Contains("JSON lines on standard output", result.Error, StringComparison.Ordinal);
        Assert.Contains("Broken pipe", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BenchJson_FolderThatCannotBeWritten_ExitsWith5BeforeTheWork()
    {
        CommandResult result = await PipelineProgram.RunAsync("bench", "--synthetic", "--json", "/proc/self/bench.json");

        Assert.Equal(5, result.ExitCode);
        Assert.StartsWith("ssd-pipeline: '/proc/self/bench.json' can't be written", result.Error);
    }

    [Fact]
    public async Task Config_NoSuchFile_ExitsWith2()
    {
        string error = await FailAsync(2, "--config", _folder["absent.json"]);

        Assert.Contains(_folder["absent.json"], error);
    }

    [Fact]
    public async Task Variable_SingleUnderscores_ExitsWith2AndSaysHowItIsWritten()
    {
        CommandResult result = await PipelineProgram.RunAsync(
            new Dictionary<string, string?> { ["PIPELINE_Detection_Score"] = "0.9" }, "run", "--source", "test://64x48@10");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("write PIPELINE_Detection__Score", result.Error);
    }

    [Fact]
    public async Task Source_AddressWithoutHost_ExitsWith2AndShowsTheForm()
    {
        string error = await FailAsync(2, "--source", "rtsp://");

        Assert.Contains("write it as rtsp://host[:port]/path, with user:password@ before", error);
    }

    [Theory]
    [InlineData("run", "--sorce", "--source")]
    [InlineData("run", "--clases", "--classes")]
    [InlineData("rum", "rum", "run")]
    public async Task CommandLine_UnknownWord_ExitsWith2AndSuggestsTheNearest(string command, string word, string nearest)
    {
        CommandResult result = await PipelineProgram.RunAsync(command, word, "0");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal($"ssd-pipeline: '{word}' is no command or option here. Did you mean '{nearest}'? See --help.\n", result.Error);
    }

    [Fact]
    public async Task Classes_Unknown_ExitsWith2AndSuggestsTheNearest()
    {
        string error = await FailAsync(2, "--source", "test://64x48@10", "--classes", "person,bycicle");

        Assert.Contains("bycicle", error);
        Assert.Contains("Did you mean 'bicycle'?", error);
    }

    [Theory]
    [InlineData("--score", "1.5")]
    [InlineData("--score", "-0.1")]
    [InlineData("--score", "NaN")]
    [InlineData("--iou", "1.5")]
    [InlineData("--score", "high")]
    public async Task Threshold_OutOfRange_ExitsWith2(string option, string value)
    {
        string error = await FailAsync(2, "--source", "test://64x48@10", option, value);

        Assert.Contains(value, error);
    }

    /// <summary>Runs with these options, which must end it with the code and, behind the log, one line of error: returns it.</summary>
    private static async Task<string> FailAsync(int exitCode, params string[] options)
    {
        CommandResult result = await PipelineProgram.RunAsync(["run", .. options]);

        Assert.True(result.ExitCode == exitCode, $"It ended with {result.ExitCode}: {result.Error}");
        string[] lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string error = Assert.Single(lines, line => line.StartsWith("ssd-pipeline: ", StringComparison.Ordinal));
        Assert.Equal(lines[^1], error);
        Assert.All(lines[..^1], line => Assert.Matches("^[0-9:]{8} ", line));
        return error;
    }

    /// <summary>Writes model.onnx with these bytes, and the default model's manifest with their hash beside it.</summary>
    private string CopyModel(byte[] bytes)
    {
        File.WriteAllBytes(_folder["model.onnx"], bytes);
        File.Copy(Path.ChangeExtension(Repository.DefaultModel, ".json"), _folder["model.json"]);
        EditManifest(manifest =>
        {
            manifest["file"] = "model.onnx";
            manifest["sha256"] = Convert.ToHexStringLower(SHA256.HashData(bytes));
        });
        return _folder["model.onnx"];
    }

    private void EditManifest(Action<JsonNode> edit)
    {
        JsonNode manifest = JsonNode.Parse(File.ReadAllText(_folder["model.json"]))!;
        edit(manifest);
        File.WriteAllText(_folder["model.json"], manifest.ToJsonString());
    }

    /// <summary>A grey picture in the plainest format there is.</summary>
    private static void WritePicture(string path)
    {
        byte[] header = "P6\n64 48\n255\n"u8.ToArray();
        byte[] pixels = new byte[64 * 48 * 3];
        Array.Fill(pixels, (byte)128);
        File.WriteAllBytes(path, [.. header, .. pixels]);
    }
}
