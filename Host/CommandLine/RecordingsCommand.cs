using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pipeline.Host.Configuration;
using Pipeline.Render;

namespace Pipeline.Host.CommandLine;

/// <summary>recordings: lists what has been recorded.</summary>
internal static class RecordingsCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly Option<string?> Config = new("--config") { Description = "The configuration file", HelpName = "PATH" };
    private static readonly Option<string?> Folder = new("--folder") { Description = "The folder, instead of Recording:Folder", HelpName = "PATH" };
    private static readonly Option<string?> Source = new("--source") { Description = "Of this source", HelpName = "NAME" };
    private static readonly Option<string?> Class = new("--class") { Description = "On which this class was seen", HelpName = "NAME" };
    private static readonly Option<DateTimeOffset?> From = Time("--from", "That end after this time");
    private static readonly Option<DateTimeOffset?> To = Time("--to", "That begin before this time");
    private static readonly Option<int?> Last = new("--last") { Description = "At most so many, the newest", HelpName = "N" };
    private static readonly Option<bool> AsJson = new("--json") { Description = "Print them as JSON" };

    /// <summary>Makes the command with its subcommand.</summary>
    public static Command Create()
    {
        var list = new Command("list", "List recordings, oldest first, with their times in UTC.") { Config, Folder, Source, Class, From, To, Last, AsJson };
        list.SetAction(List);
        return new Command("recordings", "List what has been recorded.") { list };
    }

    private static Option<DateTimeOffset?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            if (DateTimeOffset.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
            {
                return time;
            }

            result.AddError($"{name} is '{result.Tokens[0].Value}', which is no time: write 2026-11-21T10:00 (UTC).");
            return null;
        },
    };

    private static void List(ParseResult result)
    {
        string folder = FolderOf(result);
        if (result.GetValue(Last) is { } last and < 1)
        {
            throw new UsageException($"--last is {last}, which is not allowed: 1 or more.");
        }

        var query = new RecordingQuery(
            result.GetValue(Source), result.GetValue(Class), result.GetValue(From), result.GetValue(To), result.GetValue(Last));
        IReadOnlyList<Recording> recordings = RecordingIndex.Read(folder).Find(query);
        if (result.GetValue(AsJson))
        {
            Console.WriteLine(JsonSerializer.Serialize(new { folder, recordings }, Json));
            return;
        }

        if (recordings.Count == 0)
        {
            Console.WriteLine($"There are no such recordings in {folder}.");
        }

        int width = recordings.Select(recording => recording.Path.Length).DefaultIfEmpty().Max();
        foreach (Recording recording in recordings)
        {
            Console.WriteLine(Line(recording, width));
        }
    }

    private static string FolderOf(ParseResult result)
    {
        if (result.GetValue(Folder) is { } folder)
        {
            // One of the configuration may not be made yet; one that somebody names is there, or mistyped.
            return Directory.Exists(folder) ? Path.GetFullPath(folder) : throw new UsageException($"There is no folder '{folder}'.");
        }

        PipelineSettings settings = SettingsLoader.Load(result.GetValue(Config), new Dictionary<string, string?>(StringComparer.Ordinal));
        return settings.Recording.Folder is { } configured
            ? ProgramHome.Resolve(configured)
            : throw new UsageException("Recording:Folder is not set, so nothing is recorded in segments. Set it, or name a folder with --folder.");
    }

    private static string Line(Recording recording, int width) => string.Create(
        CultureInfo.InvariantCulture,
        $"{recording.Path.PadRight(width)}  {recording.Start:yyyy-MM-dd HH:mm:ss}  {(int)recording.Duration.TotalHours:00}:{recording.Duration:mm\\:ss}  {recording.Bytes / 1e6,8:F1} MB  {(recording.IsOpen ? "(open) " : "")}{string.Join(", ", recording.Classes)}");
}
