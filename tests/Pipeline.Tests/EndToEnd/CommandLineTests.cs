using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>Help, completion, verbosity and mistyped words, through the built program.</summary>
public sealed class CommandLineTests : IDisposable
{
    /// <summary>For what a shell runs: the built program comes first.</summary>
    private static readonly Dictionary<string, string?> ProgramOnPath = new(StringComparer.Ordinal)
    {
        ["PATH"] = $"{AppContext.BaseDirectory}:{Environment.GetEnvironmentVariable("PATH")}",
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--help")]
    [InlineData("run", "--help")]
    [InlineData("models", "quantize", "--help")]
    [InlineData("doctor", "-h")]
    [InlineData("completion", "--help")]
    public async Task Help_AnyCommand_EndsWithExamples(params string[] arguments)
    {
        CommandResult result = await PipelineProgram.RunAsync(arguments);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Usage:", result.Output, StringComparison.Ordinal);
        Assert.Contains("Examples:\n  ", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', result.Output);
    }

    [Theory]
    [InlineData("Did you mean 'run'?", "rnu")]
    [InlineData("'upgrade' is no command", "service", "upgrade", "--help")]
    [InlineData("NAME is empty", "models", "inspect", "")]
    [InlineData("--config is empty", "doctor", "--config", "")]
    [InlineData("--classes is empty", "run", "--source", "test://64x48@1", "--classes", ",")]
    [InlineData("Did you mean '--source'?", "run", "--sorce", "0")]
    [InlineData("Did you mean '--verbose'?", "run", "--verbos")]
    [InlineData("A command is missing behind 'models': list, inspect", "models")]
    [InlineData("A command is missing behind 'ssd-pipeline': run, models")]
    [InlineData("--quiet and --verbose exclude each other", "run", "--source", "test://64x48@1", "--quiet", "--verbose")]
    [InlineData("There is no completion for 'tcsh'", "completion", "tcsh")]
    public async Task Program_WrongWords_ExitsWith2AndHelps(string hint, params string[] arguments)
    {
        CommandResult result = await PipelineProgram.RunAsync(arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("ssd-pipeline: ", result.Error);
        Assert.Contains(hint, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ConfigurationFromAPipe_IsRead()
    {
        CommandResult result = await Command.RunAsync(
            "bash",
            [
                "-c",
                """
                ssd-pipeline run --jsonl - --quiet --http off --config <(
                  echo '{ "Sources": [ { "Uri": "test://64x48@30?count=1", "Name": "piped" } ] }')
                """,
            ],
            ProgramOnPath);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.StartsWith("{\"source\":\"piped\",", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Quiet_SaysNothing()
    {
        CommandResult result = await PipelineProgram.RunAsync("run", "--quiet", "--source", "test://64x48@50", "--frames", "3", "--http", "off");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Output + result.Error);
    }

    [Fact]
    public async Task Run_Verbose_ShowsDebugEvents()
    {
        CommandResult result = await PipelineProgram.RunAsync("run", "--verbose", "--source", "test://64x48@50", "--frames", "3", "--http", "off");

        Assert.Contains(" debug: ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ssd-pipeline ru", "run")]
    [InlineData("ssd-pipeline run --sou", "--source")]
    [InlineData("ssd-pipeline run --provider te", "tensorrt")]
    [InlineData("ssd-pipeline models inspect ssdl", "ssdlite_mobilenet_v2_coco")]
    [InlineData("ssd-pipeline completion f", "fish")]
    [InlineData("ssd-pipeline run --record fil", "film.mp4")]
    public async Task Bash_TabPressed_CompletesWordsAndPaths(string line, string expected)
    {
        await File.WriteAllTextAsync(_folder["film.mp4"], "");

        // What readline does at a tabulator, as far as the completion sees it; the last -o default is readline's own.
        CommandResult result = await Command.RunAsync(
            "bash",
            [
                "-c",
                """
                source <(ssd-pipeline completion bash)
                COMP_LINE=$1 COMP_POINT=${#1}
                read -r -a COMP_WORDS <<<"$1"
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _ssd_pipeline
                ((${#COMPREPLY[@]})) || mapfile -t COMPREPLY < <(compgen -o default -- "${COMP_WORDS[COMP_CWORD]}")
                printf '%s\n' "${COMPREPLY[@]}"
                """,
                "bash",
                line,
            ],
            ProgramOnPath,
            _folder.Path);

        Assert.Equal("", result.Error);

        // Among others, where this checkout has more models.
        Assert.Contains(expected, result.Output.Split('\n'));
    }
}
