using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>SIGHUP to the built program, with its configuration changed under it.</summary>
public sealed class ReloadTests : IDisposable
{
    private const int Hangup = 1;
    private const int Terminate = 15;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Hangup_GoodBadAndRestartNeeded_ChangesWhatCanBeAndNamesTheRest()
    {
        Write("""{ "Sources": [ { "Uri": "test://320x240@20", "Name": "gate" } ] }""");
        using Command program = PipelineProgram.Start("run", "--config", _folder["pipeline.json"]);
        await Command.ReadUntilAsync(program.Error, "gate delivers");

        await ReloadAsync(
            program,
            """{ "Sources": [ { "Uri": "test://320x240@20", "Name": "gate" }, { "Uri": "test://64x48@20", "Name": "yard" } ], "Detection": { "Score": 0.6 } }""",
            "Changed: added yard, set Detection:Score.");
        await ReloadAsync(program, """{ "Detection": { "Score": 7 } }""", "Detection:Score (--score) is 7, which is not allowed: 0 to 1");
        await ReloadAsync(program, """{ "Detection": """, "no valid JSON");
        await ReloadAsync(
            program,
            """{ "Sources": [ { "Uri": "test://64x48@20", "Name": "yard" } ], "Detection": { "Score": 0.6 }, "Inference": { "Threads": 1 } }""",
            "wait for a restart of the program: Inference:Threads.");
        program.Signal(Terminate);
        CommandResult result = await program.WaitAsync();

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("yard: ended", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_AsAService_ReadsWhatWasPersistedInItsOwnFolder()
    {
        Write("""{ "Sources": [ { "Uri": "test://320x240@20", "Name": "gate" } ] }""");
        Directory.CreateDirectory(_folder["state"]);
        await File.WriteAllTextAsync(_folder["state/pipeline.local.json"], """{ "Sources": [ { "Uri": "test://64x48@50?count=3", "Name": "yard" } ] }""");
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["STATE_DIRECTORY"] = _folder["state"] };

        CommandResult result = await PipelineProgram.RunAsync(environment, "run", "--config", _folder["pipeline.json"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("yard: ended", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("gate", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hangup_TerminalIsClosed_DrainsAndEnds()
    {
        // A terminal of its own for the program, which is closed once the program has reloaded in it and delivers.
        const string Terminal = """
            import os, pty, signal, sys
            pid, terminal = pty.fork()
            if pid == 0:
                signal.signal(signal.SIGHUP, signal.SIG_DFL)
                os.execv(sys.argv[1], sys.argv[1:])
            text, asked = b"", False
            while b"nothing in it changes" not in text:
                text += os.read(terminal, 4096)
                if b"delivers." in text and not asked:
                    os.kill(pid, signal.SIGHUP)
                    asked = True
            os.close(terminal)
            print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            """;
        string program = Path.Combine(AppContext.BaseDirectory, "ssd-pipeline");

        CommandResult result = await Command.RunAsync(
            "python3",
            ["-c", Terminal, program, "run", "--http", "off", "--source", "test://64x48@20", "--report", _folder["report.json"]]);

        Assert.Equal("", result.Error);
        Assert.Equal("0", result.Output.Trim());
        Assert.Contains("\"state\": \"ended\"", File.ReadAllText(_folder["report.json"]), StringComparison.Ordinal);
    }

    private async Task ReloadAsync(Command program, string json, string answer)
    {
        Write(json);
        program.Signal(Hangup);
        await Command.ReadUntilAsync(program.Error, answer);
    }

    private void Write(string json) => File.WriteAllText(_folder["pipeline.json"], json);
}
