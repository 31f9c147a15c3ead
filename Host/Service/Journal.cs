namespace Pipeline.Host.Service;

/// <summary>systemd's journal, where it takes this process's standard error: it reads a level from the start of each line.</summary>
internal static class Journal
{
    /// <summary>The levels of sd-daemon(3) that are used here.</summary>
    public const int Critical = 2, Error = 3, Warning = 4, Information = 6, Debug = 7;

    /// <summary>Whether standard error goes straight into the journal (systemd.exec(5), JOURNAL_STREAM).</summary>
    public static bool IsStandardError { get; } = IsStream(
        Environment.GetEnvironmentVariable("JOURNAL_STREAM"), File.ResolveLinkTarget("/proc/self/fd/2", returnFinalTarget: false)?.Name);

    /// <summary>Puts a level before each line.</summary>
    public static string Prefix(int level, string text) => $"<{level}>{text.ReplaceLineEndings($"\n<{level}>")}";

    /// <summary>Whether a stream is the one that systemd connected: the variable names its device and inode.</summary>
    /// <param name="journalStream">DEVICE:INODE; null where the variable is not set.</param>
    /// <param name="link">What the stream is, as /proc shows it: socket:[INODE].</param>
    internal static bool IsStream(string? journalStream, string? link) =>
        journalStream?.Split(':') is [_, { Length: > 0 } inode] && link == $"socket:[{inode}]";
}
