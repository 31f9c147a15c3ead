using System.Globalization;

namespace Pipeline.Render;

/// <summary>How recordings are called: gate/2026-11-21T10-00-00.000Z.mp4, so that names sort as times do and suit every file system.</summary>
internal static class RecordingName
{
    /// <summary>What complete recordings end in.</summary>
    public const string Ending = ".mp4";

    /// <summary>What is behind the name of one that is being written.</summary>
    public const string Partial = ".partial";

    private const string Format = "yyyy-MM-dd'T'HH-mm-ss.fff'Z'";

    /// <summary>The final path of a recording, from the archive's folder on.</summary>
    public static string For(string source, DateTimeOffset start) =>
        Path.Combine(Safe(source), start.ToString(Format, CultureInfo.InvariantCulture) + Ending);

    /// <summary>When a recording began, by its name.</summary>
    public static DateTimeOffset? StartOf(string path)
    {
        string name = Path.GetFileName(path);
        name = name[..Math.Max(name.IndexOf(Ending, StringComparison.Ordinal), 0)];
        return DateTimeOffset.TryParseExact(name, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset start)
            ? start
            : null;
    }

    /// <summary>A source's name as the name of a folder.</summary>
    public static string Safe(string source)
    {
        string safe = string.Concat(source.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));
        return safe.Trim('.') is { Length: > 0 } name ? name : "_";
    }
}
