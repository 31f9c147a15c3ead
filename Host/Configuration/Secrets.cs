using System.Text.RegularExpressions;

namespace Pipeline.Host.Configuration;

/// <summary>
/// ${NAME} in a value of the configuration: the content of systemd's credential of that name, else the environment variable.
/// So passwords can stay out of the configuration.
/// </summary>
internal static partial class Secrets
{
    /// <summary>Puts secrets into the values that name them.</summary>
    /// <param name="pairs">Keys and values.</param>
    /// <exception cref="UsageException">There is no such credential and no such variable.</exception>
    public static IEnumerable<KeyValuePair<string, string?>> Resolve(IEnumerable<KeyValuePair<string, string?>> pairs) =>
        pairs.Select(pair => pair.Value is { } value && value.Contains("${", StringComparison.Ordinal)
            ? KeyValuePair.Create<string, string?>(pair.Key, Reference().Replace(value, match => Find(match.Groups["name"].Value, pair.Key)))
            : pair);

    private static string Find(string name, string key)
    {
        string? folder = Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY");
        if (folder is not null && File.Exists(Path.Combine(folder, name)))
        {
            return File.ReadAllText(Path.Combine(folder, name)).TrimEnd('\n');
        }

        return Environment.GetEnvironmentVariable(name)
            ?? throw new UsageException($"{key} names ${{{name}}}, but there is neither a credential nor an environment variable of that name.");
    }

    [GeneratedRegex(@"\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();
}
