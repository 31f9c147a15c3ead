using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>Two runs that are to write the same file: the second one is refused, and the first one loses nothing.</summary>
public sealed class SharedOutputTests : IDisposable
{
    private const int Terminate = 15;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--jsonl")]
    [InlineData("--report")]
    [InlineData("--record")]
    public async Task Run_OutputOfARunThatStillGoesOn_IsRefusedAndLeftAlone(string option)
    {
        string shared = _folder["shared.mp4"], own = _folder["own"];
        string lines = option == "--jsonl" ? shared : own;
        string[] arguments = ["run", "--source", "test://160x120@20", option, shared];
        using Command first = PipelineProgram.Start(option == "--jsonl" ? arguments : [.. arguments, "--jsonl", own]);
        await UntilWrittenAsync(lines);
        if (option == "--record")
        {
            await UntilWrittenAsync(shared);
        }

        CommandResult second = await PipelineProgram.RunAsync("run", "--source", "test://160x120@20?count=2", option, shared);

        first.Signal(Terminate);
        CommandResult result = await first.WaitAsync();
        Assert.Equal(5, second.ExitCode);
        Assert.Contains($"'{shared}' is being written by another program. Choose another path.", second.Error, StringComparison.Ordinal);
        Assert.True(result.ExitCode == 0, result.Error);
        if (option == "--jsonl")
        {
            Assert.StartsWith("{\"source\":\"test\",\"frame\":0,", await File.ReadAllTextAsync(shared), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Run_DeviceThatAnotherRunWritesTo_IsAnybodys()
    {
        using Command first = PipelineProgram.Start(
            "run", "--source", "test://160x120@20", "--jsonl", "/dev/null", "--record", _folder["first.mp4"]);
        await UntilWrittenAsync(_folder["first.mp4"]);

        CommandResult second = await PipelineProgram.RunAsync("run", "--source", "test://160x120@20?count=2", "--jsonl", "/dev/null");

        first.Signal(Terminate);
        await first.WaitAsync();
        Assert.True(second.ExitCode == 0, second.Error);
    }

    private static async Task UntilWrittenAsync(string path)
    {
        while (!File.Exists(path) || new FileInfo(path).Length == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }
}
