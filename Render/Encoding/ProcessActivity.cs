using System.Globalization;

namespace Pipeline.Render;

/// <summary>What the system says of a process at one moment.</summary>
/// <param name="ProcessorTime">What all its threads have used so far, in steps of 10 ms.</param>
/// <param name="IsHeldUp">
/// Whether a thread of it would go on if the machine let it: it runs, waits for a processor, or waits for the disk. Such a process
/// is slow, not stalled; and while it waits for the disk (for memory that was swapped out, too) no signal ends it anyway.
/// </param>
internal readonly record struct ProcessActivity(TimeSpan ProcessorTime, bool IsHeldUp)
{
    /// <summary>Processor time is told in hundredths of a second, whatever the kernel counts in.</summary>
    private const long TicksPerStep = TimeSpan.TicksPerSecond / 100;

    // Fields of /proc/PID/stat behind the name, which may have blanks and brackets itself (proc_pid_stat(5)).
    private const int State = 0;
    private const int UserTime = 11;
    private const int SystemTime = 12;

    /// <summary>Looks at a process.</summary>
    /// <returns>Null where it has ended, or one of its threads just then.</returns>
    public static ProcessActivity? Of(int processId)
    {
        try
        {
            string folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}");
            string[] fields = FieldsOf(folder);
            long steps = long.Parse(fields[UserTime], CultureInfo.InvariantCulture) + long.Parse(fields[SystemTime], CultureInfo.InvariantCulture);

            // The process's own state is only that of its first thread, which waits while others encode.
            bool isHeldUp = Directory.EnumerateDirectories($"{folder}/task").Any(thread => FieldsOf(thread)[State] is "R" or "D");
            return new ProcessActivity(TimeSpan.FromTicks(steps * TicksPerStep), isHeldUp);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string[] FieldsOf(string folder)
    {
        string line = File.ReadAllText($"{folder}/stat");
        return line[(line.LastIndexOf(')') + 2)..].Split(' ');
    }
}
