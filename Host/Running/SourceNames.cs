using System.Globalization;
using Pipeline.Capture;
using Pipeline.Host.Configuration;

namespace Pipeline.Host.Running;

/// <summary>Names for the sources of a run: those configured, or made from the address; each one once.</summary>
internal static class SourceNames
{
    /// <summary>The same settings with every source named.</summary>
    public static PipelineSettings Name(PipelineSettings settings) => settings with
    {
        Sources = [.. settings.Sources.Zip(Assign(settings.Sources), (source, name) => source with { Name = name })],
    };

    /// <summary>Names the sources in their order. A second "gate" becomes "gate-2".</summary>
    public static IReadOnlyList<string> Assign(IEnumerable<SourceSettings> sources)
    {
        var names = new List<string>();
        foreach (SourceSettings source in sources)
        {
            string wanted = source.Name ?? SourceAddress.Parse(source.Uri).Name;
            string name = wanted;
            for (int copy = 2; names.Contains(name, StringComparer.OrdinalIgnoreCase); copy++)
            {
                name = string.Create(CultureInfo.InvariantCulture, $"{wanted}-{copy}");
            }

            names.Add(name);
        }

        return names;
    }
}
