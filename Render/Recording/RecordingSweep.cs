using Microsoft.Extensions.Logging;

namespace Pipeline.Render;

/// <summary>
/// What is done at the start about recordings that a crash left behind: what is whole of each is kept, under its final name.
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
                Sweep(path, logger);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Log.Unrepaired(logger, path, e.Message);
            }
        }
    }

    private static void Sweep(string path, ILogger logger)
    {
        bool isEmpty;
        using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read))
        {
            FragmentFileScan scan = FragmentFileScan.Read(file);
            isEmpty = scan.WholeLength == 0;
            if (isEmpty && scan.Notes is null && file.Length > 0)
            {
                Log.Unrepaired(logger, path, "It is no recording of this program.");
                return;
            }

            if (!isEmpty)
            {
                long lost = file.Length - scan.WholeLength;
                Repair(file, scan);
                Log.Repaired(logger, path, scan.Duration.TotalSeconds, lost);
            }
        }

        if (isEmpty)
        {
            File.Delete(path);
            Log.WasEmpty(logger, path);
            return;
        }

        File.Move(path, FreeName(path[..^RecordingName.Partial.Length]));
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
        [LoggerMessage(70, LogLevel.Warning, "{Path} was left by a crash and is repaired: {Seconds:F1} s play, {Bytes} bytes of an unfinished piece are cut off.")]
        public static partial void Repaired(ILogger logger, string path, double seconds, long bytes);

        [LoggerMessage(71, LogLevel.Information, "{Path} was left by a crash before anything was recorded, and is deleted.")]
        public static partial void WasEmpty(ILogger logger, string path);

        [LoggerMessage(72, LogLevel.Warning, "{Path} was left by a crash and can't be repaired; it is left as it is. {Reason}")]
        public static partial void Unrepaired(ILogger logger, string path, string reason);
    }
}
