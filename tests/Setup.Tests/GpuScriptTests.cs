using System.Security.Cryptography;
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
            ["ssdlite_mobilenet_v2_coco cuda /opt/nvidia", "ssd300-vgg16 cuda /opt/nvidia", "ssd512-vgg16 cuda /opt/nvidia"],
            await File.ReadAllLinesAsync(_folder["calls"]));
        Assert.True(File.Exists(_folder["results/machine.txt"]));
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
    public async Task Run_WrongOptions_SaysWhich(string problem, params string[] options)
    {
        await PackAsync("true");

        CommandResult result = await RunAsync(options);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Peer_IsPython()
    {
        CommandResult result = await Command.RunAsync(
            "python3", ["-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", Path.Combine(Scripts, "peer.py")]);

        Assert.True(result.ExitCode == 0, result.Error);
    }

    private Task<CommandResult> RunAsync(params string[] options) =>
        Command.RunAsync(_folder["run.sh"], options, folder: _folder.Path);

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
