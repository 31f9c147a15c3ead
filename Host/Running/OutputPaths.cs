using Pipeline.Capture;
using Pipeline.Host.Configuration;

namespace Pipeline.Host.Running;

/// <summary>The files that a run will write.</summary>
internal static class OutputPaths
{
    /// <summary>What stands for the source's name in a path.</summary>
    public const string Placeholder = "{source}";

    /// <summary>Whether each source gets a file of its own.</summary>
    public static bool IsPerSource(string path) => path.Contains(Placeholder, StringComparison.Ordinal);

    /// <summary>The path of a source's file.</summary>
    public static string For(string path, string source) => path.Replace(Placeholder, source, StringComparison.Ordinal);

    /// <summary>Refuses to write a file twice, or over a source.</summary>
    /// <param name="all">The settings of a run, its sources named.</param>
    /// <exception cref="UsageException">Two outputs have the same path, or an output has a source's.</exception>
    public static void RefuseClashes(PipelineSettings all)
    {
        OutputSettings settings = all.Output;
        (string Name, SourceAddress Address)[] sources = [.. all.Sources.Select(source => (source.Name!, SourceAddress.Parse(source.Uri)))];
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((_, SourceAddress address) in sources)
        {
            if (address.Kind is SourceKind.Video or SourceKind.Pictures)
            {
                taken[Path.GetFullPath(address.Target)] = "the source of that name";
            }
        }

        foreach ((string key, string? pattern) in
            new[] { ("--record", settings.Record), ("--jsonl", settings.JsonLines), ("--report", settings.Report) })
        {
            foreach (string path in Expand(pattern, sources))
            {
                if (taken.TryGetValue(Path.GetFullPath(path), out string? owner))
                {
                    throw new UsageException($"{key} {path} would overwrite {owner}: choose another path.");
                }

                taken[Path.GetFullPath(path)] = $"what {key} writes";
            }
        }
    }

    private static IEnumerable<string> Expand(string? pattern, IReadOnlyList<(string Name, SourceAddress Address)> sources) => pattern switch
    {
        null or "-" => [],
        _ when IsPerSource(pattern) => sources.Select(source => For(pattern, source.Name)),
        _ => [pattern],
    };
}
