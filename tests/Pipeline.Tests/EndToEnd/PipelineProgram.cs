using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>The built program, as a user starts it: it lies beside the tests' own assembly.</summary>
internal static class PipelineProgram
{
    private static readonly string Path = System.IO.Path.Combine(AppContext.BaseDirectory, "ssd-pipeline");

    /// <summary>Tests run beside each other, and can't all serve on the one port that is the default.</summary>
    private static readonly KeyValuePair<string, string?> NoServer = new("PIPELINE_Http__Url", "off");

    /// <summary>Starts it.</summary>
    public static Command Start(params IEnumerable<string> arguments) => Command.Start(Path, arguments, With([]));

    /// <summary>Starts it with variables of its own.</summary>
    public static Command Start(IReadOnlyDictionary<string, string?> environment, params IEnumerable<string> arguments) =>
        Command.Start(Path, arguments, With(environment));

    /// <summary>Runs it to its end.</summary>
    public static Task<CommandResult> RunAsync(params IEnumerable<string> arguments) => Command.RunAsync(Path, arguments, With([]));

    /// <summary>Runs it to its end with variables of its own.</summary>
    public static Task<CommandResult> RunAsync(IReadOnlyDictionary<string, string?> environment, params IEnumerable<string> arguments) =>
        Command.RunAsync(Path, arguments, With(environment));

    private static Dictionary<string, string?> With(IEnumerable<KeyValuePair<string, string?>> environment)
    {
        var all = new Dictionary<string, string?>([NoServer], StringComparer.Ordinal);
        foreach ((string name, string? value) in environment)
        {
            all[name] = value;
        }

        return all;
    }
}
