using System.Net;
using System.Net.Sockets;
using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>Signals to the built program.</summary>
public sealed class StopTests : IDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    public async Task Signal_WhileRecording_DrainsAndClosesTheRecording(int signal)
    {
        using Command program = PipelineProgram.Start(
            "run", "--source", "test://320x240@50", "--every-frame", "--jsonl", "-", "--record", _folder["{source}.mp4"]);
        await Command.ReadUntilAsync(program.Output, "\"frame\":9,");

        program.Signal(signal);
        CommandResult result = await program.WaitAsync();

        int lines = 10 + result.Output.Count(character => character == '\n');
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("test: ended", result.Error, StringComparison.Ordinal);
        Assert.Equal(lines, await VideoProbe.CountFramesAsync(_folder["test.mp4"]));
    }

    [Fact]
    public async Task SecondInterrupt_WhileASourceHangs_EndsAtOnce()
    {
        // A server that takes the call and never says a word: the video library waits for it a second after the first signal.
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        int port = ((IPEndPoint)server.LocalEndpoint).Port;
        using Command program = PipelineProgram.Start("run", "--source", $"http://127.0.0.1:{port}/silent");
        using TcpClient call = await server.AcceptTcpClientAsync();

        program.Signal(Interrupt);
        await Command.ReadUntilAsync(program.Error, "Stopping");
        program.Signal(Interrupt);
        CommandResult result = await program.WaitAsync();

        Assert.Equal(128 + Interrupt, result.ExitCode);
    }
}
