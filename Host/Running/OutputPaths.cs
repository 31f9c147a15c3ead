using Pipeline.Capture;
using Pipeline.Host.Configuration;
using Pipeline.Render;

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

    /// <summary>
    /// The path of a source's file that was not written in this run yet: a source that is opened anew goes on in gate-2.mp4,
    /// and what is in gate.mp4 stays. So does what a recording went on in by itself, when its encoder changed.
    /// </summary>
    /// <param name="path">The configured path.</param>
    /// <param name="source">The source's name.</param>
    /// <param name="written">Full paths written so far; the new one is added.</param>
    public static string ForNew(string path, string source, HashSet<string> written)
    {
        string first = For(path, source);
        string free = first;
        for (int copy = 2; !written.Add(Path.GetFullPath(free)) || (copy > 2 && File.Exists(free)); copy++)
        {
            free = OutputFile.PartOf(first, copy);
        }

        return free;
    }

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
                taken[RealPath(address.Target)] = "the source of that name";
            }
        }

        foreach ((string key, string? pattern) in
            new[] { ("--record", settings.Record), ("--jsonl", settings.JsonLines), ("--report", settings.Report) })
        {
            foreach (string path in Expand(pattern, sources))
            {
                string file = RealPath(path);
                if (taken.TryGetValue(file, out string? owner))
                {
                    throw new UsageException($"{key} {path} would overwrite {owner}: choose another path.");
                }

                taken[file] = $"what {key} writes";
            }
        }
    }

    /// <summary>The file that a path leads to over all links, of folders too: a source would be emptied through another of its names.</summary>
    private static string RealPath(string path)
    {
        string full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is not { } folder)
        {
            return full;
        }

        try
        {
            var file = new FileInfo(Path.Join(RealPath(folder), Path.GetFileName(full)));
            return file.LinkTarget is null ? file.FullName : RealPath(file.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
        }
        catch (IOException)
        {
            // Links that lead in a circle: whoever opens it says so.
            return full;
        }
    }

    private static IEnumerable<string> Expand(string? pattern, IReadOnlyList<(string Name, SourceAddress Address)> sources) => pattern switch
    {
        null or "-" => [],
        _ when IsPerSource(pattern) => sources.Select(source => For(pattern, source.Name)),
        _ => [pattern],
    };
}
