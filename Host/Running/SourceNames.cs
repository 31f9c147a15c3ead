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
            string wanted = source.Name ?? NameFrom(source.Uri);
            string name = wanted;
            for (int copy = 2; names.Contains(name, StringComparer.OrdinalIgnoreCase); copy++)
            {
                name = Join(wanted, string.Create(CultureInfo.InvariantCulture, $"-{copy}"));
            }

            names.Add(name);
        }

        return names;
    }

    /// <summary>Its address's name, made such as a configured one may be: any later change checks all names alike.</summary>
    private static string NameFrom(string uri)
    {
        string name = Join(SourceAddress.Parse(uri).Name.TrimStart('_', '-', '.'), "");
        return name.Length == 0 ? "source" : name;
    }

    /// <summary>A name with an end, shortened before it where both would be too long.</summary>
    private static string Join(string name, string end) =>
        name[..Math.Min(name.Length, AllowedNameAttribute.MostCharacters - end.Length)] + end;
}
