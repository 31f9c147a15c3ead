using System.Diagnostics;
using System.Globalization;

namespace Pipeline.Host.Reporting;

/// <summary>What this process has used so far.</summary>
internal static class ProcessUsage
{
    /// <summary>When the program's own code began: the process may have been a shell that did other things before.</summary>
    private static readonly long Beginning = Stopwatch.GetTimestamp();

    /// <summary>Time since the program began; <see cref="Begin"/> must have been called then.</summary>
    public static TimeSpan Age => Stopwatch.GetElapsedTime(Beginning);

    /// <summary>Notes the beginning; to be called first of all.</summary>
    public static void Begin() => System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(ProcessUsage).TypeHandle);

    /// <summary>Processor time of all its threads.</summary>
    public static TimeSpan ProcessorTime => Environment.CpuUsage.TotalTime;

    /// <summary>The most resident memory it ever had, in bytes; 0 where the system does not tell.</summary>
    public static long PeakResidentBytes => Status("VmHWM:") * 1024;

    /// <summary>Its threads; 0 where the system does not tell.</summary>
    public static long Threads => Status("Threads:");

    /// <summary>Files, sockets and pipes that it has open; 0 where the system does not tell.</summary>
    public static int OpenDescriptors => Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0;

    /// <summary>A number of /proc/self/status.</summary>
    private static long Status(string key)
    {
        foreach (string line in File.Exists("/proc/self/status") ? File.ReadLines("/proc/self/status") : [])
        {
            if (line.StartsWith(key, StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan(key.Length).TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }
}
