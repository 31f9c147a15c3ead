using System.Security.Cryptography;
using System.Text.Json;
using Pipeline.Testing;

namespace Pipeline.Setup.Tests;

/// <summary>eng/gpu: what is started on a GPU machine, with a program of a few lines in the pack.</summary>
public sealed class GpuScriptTests : IDisposable
{
    private static readonly string Scripts = Path.Combine(Repository.Root, "eng/gpu");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_PiecesBesideIt_UnpacksThemAndMeasuresEachModel()
    {
        await PackAsync("""[[ $1 != bench ]] || echo "$3 $PIPELINE_Inference__Provider $PIPELINE_Inference__CudaLibraries__0" >>calls""");

        CommandResult result = await RunAsync("--cuda-libraries", "/opt/nvidia", "--out", _folder["results"], "--no-peer");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(
            ["ssd300-vgg16 cuda /opt/nvidia", "ssdlite_mobilenet_v2_coco cuda /opt/nvidia", "ssd512-vgg16 cuda /opt/nvidia"],
            await File.ReadAllLinesAsync(_folder["calls"]));
        Assert.True(File.Exists(_folder["results/machine.txt"]));
    }

    [Fact]
    public async Task Run_WithPyTorch_FollowsEachModelThatItHasWithThePeers()
    {
        await PackAsync("""[[ $1 != bench ]] || echo "${@:3:3}" >>calls""");
        await PeerAsync("""[[ $1 == -c ]] || echo "${1##*/} ${@:2:2}" >>calls""");

        CommandResult result = await RunAsync("--provider", "cpu", "--setups", "fp16 graph,fp16", "--python", _folder["python"]);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(
            [
                "ssd300-vgg16 --setups fp16 graph,fp16", "peer.py --sides 300",
                "ssdlite_mobilenet_v2_coco --setups fp16 graph,fp16",
                "ssd512-vgg16 --setups fp16 graph,fp16", "peer.py --sides 512",
            ],
            await File.ReadAllLinesAsync(_folder["calls"]));
    }

    [Fact]
    public async Task Run_TheMinutesAreOver_SaysWhatWasCutOffAndKeepsWhatWasMeasured()
    {
        // The program is quick; the peer writes a line of figures and never ends.
        await PackAsync("""[[ $1 != bench ]] || echo "$3" >>calls""");
        await PeerAsync("""[[ $1 == -c ]] || { echo {} >"${@: -1}"; exec tail -f /dev/null; }""");

        CommandResult result = await RunAsync("--provider", "cpu", "--minutes", "0.4", "--python", _folder["python"]);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["ssd300-vgg16"], await File.ReadAllLinesAsync(_folder["calls"]));
        Assert.Equal("{}\n", await File.ReadAllTextAsync(_folder["results/peer-ssd300-vgg16.json"]));
        Assert.Equal(
            [
                "PyTorch's ssd300-vgg16 was cut off by --minutes 0.4: "
                + "results/peer-ssd300-vgg16.json has what was measured until then",
                "ssdlite_mobilenet_v2_coco was not measured: no time was left of --minutes 0.4",
                "ssd512-vgg16 was not measured: no time was left of --minutes 0.4",
                "PyTorch's ssd512-vgg16 was not measured: no time was left of --minutes 0.4",
            ],
            result.Output.Split('\n').Where(line => line.Contains("--minutes 0.4", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Run_AModelFailsWithinTheMinutes_Fails()
    {
        await PackAsync("[[ $1 != bench ]]");

        CommandResult result = await RunAsync("--provider", "cpu", "--models", "a", "--minutes", "10", "--no-peer");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("a failed with exit code 1\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AModelFails_MeasuresTheOthersAndFails()
    {
        await PackAsync("""[[ $1 != bench ]] || echo "$3" >>calls; [[ ${3-} != a ]]""");

        CommandResult result = await RunAsync("--provider", "cpu", "--models", "a b", "--no-peer");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(["a", "b"], await File.ReadAllLinesAsync(_folder["calls"]));
    }

    [Fact]
    public async Task Run_PieceDamaged_UnpacksNothing()
    {
        await PackAsync("true");
        await File.AppendAllTextAsync(_folder["pieces.00"], "x");

        CommandResult result = await RunAsync("--provider", "cpu", "--no-peer");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("pieces.00", result.Output + result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["ssd-pipeline"]));
    }

    [Theory]
    [InlineData("--cuda-libraries FOLDER is needed")]
    [InlineData("knows no option '--fast'", "--fast")]
    [InlineData("--out needs a value", "--out")]
    [InlineData("--minutes is 'ten'", "--provider", "cpu", "--minutes", "ten")]
    public async Task Run_WrongOptions_SaysWhich(string problem, params string[] options)
    {
        await PackAsync("true");

        CommandResult result = await RunAsync(options);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Peer_SidesAndBatchesNamed_MeasuresThemWithTheMostWantedFirst()
    {
        CommandResult result = await PeerWithoutTorchAsync(
            "lambda *what: print(*what[:3]) or {}", "--sides", "512", "--batches", "8,1");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(
            [
                "512 8 fp16 graph", "512 1 fp16 graph", "512 8 fp16", "512 1 fp16",
                "512 8 tf32", "512 1 tf32", "512 8 fp32", "512 1 fp32",
            ],
            result.Output.Split('\n').Where(line => line.StartsWith('5')));
    }

    [Fact]
    public async Task Peer_Interrupted_KeepsWhatWasMeasured()
    {
        CommandResult result = await PeerWithoutTorchAsync(
            "lambda side, batch, *_: {'batch': batch} if batch < 8 else os.kill(os.getpid(), signal.SIGINT)");

        Assert.Equal(130, result.ExitCode);
        Assert.Equal("", result.Error);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(_folder["peer.json"]));
        Assert.Equal(1, Assert.Single(report.RootElement.GetProperty("setups").EnumerateArray()).GetProperty("batch").GetInt32());
    }

    [Fact]
    public async Task Peer_SideThatItDoesNotHave_IsRefused()
    {
        CommandResult result = await PeerWithoutTorchAsync("None", "--sides", "300,301");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--sides: '300,301' is not allowed: 300, 512 or 300,512", result.Error, StringComparison.Ordinal);
    }

    /// <summary>Runs peer.py with a PyTorch of a few names, and a piece of Python in the place of what measures one setup.</summary>
    private Task<CommandResult> PeerWithoutTorchAsync(string measure, params string[] options)
    {
        string program = $"""
            import os, signal, sys
            from unittest.mock import MagicMock
            torch = MagicMock(__version__="0")
            torch.nn.Module = object
            torch.version.cuda, torch.backends.cudnn.version.return_value = "0", 0
            torch.cuda.get_device_name.return_value = "none"
            sys.modules["torch"] = torch
            sys.dont_write_bytecode = True
            sys.path.insert(0, "{Scripts}")
            import peer
            peer.measure = {measure}
            peer.main()
            """;
        return Command.RunAsync("python3", ["-c", program, .. options, "--json", _folder["peer.json"]]);
    }

    private Task<CommandResult> RunAsync(params string[] options) =>
        Command.RunAsync(_folder["run.sh"], options, folder: _folder.Path);

    /// <summary>A Python of one line of bash, called 'python' beside run.sh.</summary>
    private async Task PeerAsync(string python)
    {
        await File.WriteAllTextAsync(_folder["python"], $"#!/bin/bash\n{python}\n");
        File.SetUnixFileMode(_folder["python"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>A pack whose program does what a line of bash says.</summary>
    private async Task PackAsync(string program)
    {
        string path = _folder["source/ssd-pipeline/ssd-pipeline"];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, $"#!/bin/bash\n{program}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.Copy(Path.Combine(Scripts, "run.sh"), _folder["run.sh"]);
        CommandResult packed = await Command.RunAsync(
            "python3",
            [
                "-c", "import sys, tarfile\nwith tarfile.open(sys.argv[1], 'w:xz') as pack: pack.add(sys.argv[2], 'ssd-pipeline')",
                _folder["pieces.00"], _folder["source/ssd-pipeline"],
            ]);
        Assert.True(packed.ExitCode == 0, packed.Error);
        string hash = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(_folder["pieces.00"])));
        await File.WriteAllTextAsync(_folder["sums"], $"{hash}  pieces.00\n");
    }
}
