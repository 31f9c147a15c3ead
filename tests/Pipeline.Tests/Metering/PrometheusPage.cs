using System.Globalization;
using System.Text.RegularExpressions;

namespace Pipeline.Tests.Metering;

/// <summary>
/// A strict reader of Prometheus' text format 0.0.4: names, escapes, HELP and TYPE before the samples of their family, no
/// family and no sample twice, histograms with rising buckets whose last is their count.
/// </summary>
internal sealed partial class PrometheusPage
{
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private readonly HashSet<string> _helped = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];

    private PrometheusPage()
    {
    }

    /// <summary>Every sample by its name and labels as they are written: name{a="b"}.</summary>
    public Dictionary<string, double> Samples { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a page.</summary>
    /// <exception cref="FormatException">A line is not as the format has it.</exception>
    public static PrometheusPage Parse(string text)
    {
        Check(text.EndsWith('\n') && !text.Contains('\r', StringComparison.Ordinal), "the last line has no line feed, or there are carriage returns");
        var page = new PrometheusPage();
        foreach (string line in text.TrimEnd('\n').Split('\n'))
        {
            page.Read(line);
        }

        page.CheckHistograms();
        return page;
    }

    private static void Check(bool condition, string complaint)
    {
        if (!condition)
        {
            throw new FormatException(complaint);
        }
    }

    private void Read(string line)
    {
        if (CommentPattern().Match(line) is { Success: true } comment)
        {
            ReadComment(comment.Groups["kind"].Value, comment.Groups["name"].Value, comment.Groups["rest"].Value);
            return;
        }

        Match sample = SamplePattern().Match(line);
        Check(sample.Success, $"no sample: {line}");
        string name = sample.Groups["name"].Value;
        string family = FamilyOf(name);
        Check(_types.ContainsKey(family) && _order[^1] == family, $"outside its family: {line}");
        string value = sample.Groups["value"].Value;
        double number = value == "+Inf" ? double.PositiveInfinity : double.Parse(value, CultureInfo.InvariantCulture);
        Check(_types[family] != "counter" || number >= 0, $"a negative counter: {line}");
        Check(Samples.TryAdd(name + sample.Groups["labels"].Value, number), $"twice: {line}");
    }

    private void ReadComment(string kind, string name, string rest)
    {
        if (kind == "HELP")
        {
            Check(_helped.Add(name), $"HELP twice: {name}");
            Check(rest.Length > 0, $"no help: {name}");
            return;
        }

        Check(rest is "counter" or "gauge" or "histogram", $"type {rest}");
        Check(_helped.Contains(name) && _types.TryAdd(name, rest), $"TYPE twice, or without HELP: {name}");
        Check(rest != "counter" || name.EndsWith("_total", StringComparison.Ordinal), $"a counter that is not called so: {name}");
        _order.Add(name);
    }

    private string FamilyOf(string name)
    {
        string family = HistogramSuffix().Replace(name, "");
        return _types.TryGetValue(family, out string? type) && type == "histogram" ? family : name;
    }

    private void CheckHistograms()
    {
        foreach (string family in _types.Where(type => type.Value == "histogram").Select(type => type.Key))
        {
            // Samples keep their order: the buckets of one label set stand together and rise.
            var buckets = Samples.Where(sample => sample.Key.StartsWith($"{family}_bucket{{", StringComparison.Ordinal))
                .GroupBy(sample => LeLabel().Replace(sample.Key[(family.Length + "_bucket".Length)..], ""));
            foreach (var group in buckets)
            {
                double[] counts = [.. group.Select(sample => sample.Value)];
                Check(counts.SequenceEqual(counts.Order()), $"falling buckets: {family}{group.Key}");
                Check(group.Last().Key.Contains("le=\"+Inf\"", StringComparison.Ordinal), $"no bucket for all: {family}{group.Key}");
                Check(counts[^1] == Samples[$"{family}_count{group.Key}"] && Samples.ContainsKey($"{family}_sum{group.Key}"), $"no count or sum: {family}{group.Key}");
            }
        }
    }

    [GeneratedRegex(@"^# (?<kind>HELP|TYPE) (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<rest>([^\\]|\\\\|\\n)*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CommentPattern();

    [GeneratedRegex(
        """^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>(\{[a-zA-Z_][a-zA-Z0-9_]*="([^\\"]|\\\\|\\"|\\n)*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^\\"]|\\\\|\\"|\\n)*")*\})?) (?<value>\+Inf|-?[0-9.]+(E[+-]?[0-9]+)?)$""",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex SamplePattern();

    [GeneratedRegex("_(bucket|sum|count)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HistogramSuffix();

    [GeneratedRegex(",le=\"[^\"]*\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LeLabel();
}
