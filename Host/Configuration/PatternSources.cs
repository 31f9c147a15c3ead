using System.Globalization;
using Pipeline.Capture;

namespace Pipeline.Host.Configuration;

/// <summary>Test patterns that stand for several sources, written out: one line of the configuration makes a load.</summary>
internal static class PatternSources
{
    private const string Scheme = "test:";

    /// <summary>Puts NAME-1 to NAME-N in the place of test://…?sources=N.</summary>
    /// <exception cref="UsageException">The address of a test pattern is malformed.</exception>
    public static PipelineSettings WriteOut(PipelineSettings settings) =>
        settings.Sources.Any(IsPattern) ? settings with { Sources = [.. settings.Sources.SelectMany(WriteOut)] } : settings;

    private static bool IsPattern(SourceSettings source) => source.Uri.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<SourceSettings> WriteOut(SourceSettings source)
    {
        TestPattern? pattern = IsPattern(source) ? Parse(source.Uri) : null;
        if (pattern is not { Sources: > 1 })
        {
            return [source];
        }

        string name = source.Name ?? SourceAddress.Parse(source.Uri).Name;
        return Enumerable.Range(1, pattern.Sources).Select(number => source with
        {
            Uri = pattern.Address,
            Name = string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"),
        });
    }

    private static TestPattern Parse(string uri)
    {
        try
        {
            return TestPattern.Parse(uri);
        }
        catch (SourceException e)
        {
            throw new UsageException(e.Message, e);
        }
    }
}
