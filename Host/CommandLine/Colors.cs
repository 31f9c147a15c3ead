namespace Pipeline.Host.CommandLine;

/// <summary>Colours, on terminals only, and not where NO_COLOR is set (no-color.org) or the terminal has none.</summary>
internal static class Colors
{
    private const string Reset = "\e[0m";

    /// <summary>For errors, and what is missing.</summary>
    public const string Red = "\e[31m";

    /// <summary>For warnings.</summary>
    public const string Yellow = "\e[33m";

    /// <summary>For what is well.</summary>
    public const string Green = "\e[32m";

    private static readonly bool IsWanted =
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>A text for standard error.</summary>
    public static string ForError(string text, string color) => IsWanted && !Console.IsErrorRedirected ? color + text + Reset : text;

    /// <summary>A text for standard output.</summary>
    public static string ForOutput(string text, string color) => IsWanted && !Console.IsOutputRedirected ? color + text + Reset : text;
}
