using Microsoft.Extensions.Logging;

namespace Pipeline.Render;

/// <summary>
/// What is done about recordings that were left unfinished, by a crash or since they could not be completed: what is whole of each
/// is kept, under its final name.
/// </summary>
internal static partial class RecordingSweep
{
    /// <summary>Sweeps a folder in which nobody is recording.</summary>
    public static void Run(string folder, ILogger logger)
    {
        string[] left = [.. RecordingIndex.FilesIn(folder).Where(path => path.EndsWith(RecordingName.Partial, StringComparison.Ordinal))];
        foreach (string path in left)
        {
            try
            {
                _ = Finish(path, logger);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Log.Unrepaired(logger, path, e.Message);
            }
        }
    }

    /// <summary>Finishes a file that nobody writes any more; it is deleted where nothing was recorded in it.</summary>
    /// <param name="path">Its path, with the partial name.</param>
    /// <param name="logger">Told what became of it.</param>
    /// <returns>Its final path; null where it is deleted, or left as no recording of this program.</returns>
    /// <exception cref="IOException">It can't be read, repaired or renamed. It may be tried again.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static string? Finish(string path, ILogger logger)
    {
        FragmentFileScan scan;
        long lost;
        using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read))
        {
            scan = FragmentFileScan.Read(file);
            lost = file.Length - scan.WholeLength;
            if (scan is { WholeLength: 0, Notes: null } && file.Length > 0)
            {
                Log.Unrepaired(logger, path, "It is no recording of this program.");
                return null;
            }

            // One that ends with its notes lacks nothing but its name.
            if (scan.WholeLength > 0 && (lost > 0 || RecordingNotes.ReadLast(file) is null))
            {
                Repair(file, scan);
            }
        }

        if (scan.WholeLength == 0)
        {
            File.Delete(path);
            Log.WasEmpty(logger, path);
            return null;
        }

        string complete = FreeName(path[..^RecordingName.Partial.Length]);
        File.Move(path, complete);
        Log.Repaired(logger, path, scan.Duration.TotalSeconds, lost);
        return complete;
    }

    private static void Repair(FileStream file, FragmentFileScan scan)
    {
        string source = Path.GetFileName(Path.GetDirectoryName(file.Name)!);
        RecordingNotes notes = scan.NotesOr(source, RecordingName.StartOf(file.Name) ?? Written(file.Name) - scan.Duration);
        file.SetLength(scan.WholeLength);
        file.Position = scan.WholeLength;
        file.Write(notes.ToBox());
        file.Flush(flushToDisk: true);
    }

    private static DateTimeOffset Written(string path) => new(File.GetLastWriteTimeUtc(path));

    private static string FreeName(string path)
    {
        string name = path;
        for (int copy = 2; File.Exists(name); copy++)
        {
            name = Path.ChangeExtension(path, $"{copy}{RecordingName.Ending}");
        }

        return name;
    }

    private static partial class Log
    {
        [LoggerMessage(70, LogLevel.Warning, "{Path} was left unfinished and is repaired: {Seconds:F1} s play, {Bytes} bytes of an unfinished piece are cut off.")]
        public static partial void Repaired(ILogger logger, string path, double seconds, long bytes);

        [LoggerMessage(71, LogLevel.Information, "{Path} was left unfinished before anything was recorded, and is deleted.")]
        public static partial void WasEmpty(ILogger logger, string path);

        [LoggerMessage(72, LogLevel.Warning, "{Path} was left unfinished and can't be repaired; it is left as it is. {Reason}")]
        public static partial void Unrepaired(ILogger logger, string path, string reason);
    }
}
