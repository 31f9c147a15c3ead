using System.CommandLine;

namespace Pipeline.Host.CommandLine;

/// <summary>How much the program tells.</summary>
internal enum Verbosity
{
    /// <summary>Warnings and errors alone.</summary>
    Quiet,

    /// <summary>What happens, a live line on a terminal, and a table at the end.</summary>
    Normal,

    /// <summary>Debug events, and stack traces too.</summary>
    Verbose,
}

/// <summary>--verbose and --quiet, which every command takes.</summary>
internal sealed class VerbosityOptions
{
    private readonly Option<bool> _verbose = new("--verbose") { Description = "Show debug output, and where an error came from", Recursive = true };
    private readonly Option<bool> _quiet = new("--quiet") { Description = "Show warnings and errors only", Recursive = true };

    /// <summary>Both options.</summary>
    public IEnumerable<Option> All => [_verbose, _quiet];

    /// <summary>What a command line asks for.</summary>
    /// <exception cref="UsageException">It asks for both.</exception>
    public Verbosity Of(ParseResult result) => (result.GetValue(_quiet), result.GetValue(_verbose)) switch
    {
        (true, true) => throw new UsageException("--quiet and --verbose exclude each other: give one of them."),
        (true, false) => Verbosity.Quiet,
        (false, true) => Verbosity.Verbose,
        _ => Verbosity.Normal,
    };

    /// <summary>Whether errors are shown with their stack traces.</summary>
    public bool IsVerbose(ParseResult result) => result.GetValue(_verbose);
}
