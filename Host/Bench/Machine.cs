namespace Pipeline.Host.Bench;

/// <summary>What the machine is, for reports.</summary>
internal static class Machine
{
    /// <summary>Where NVIDIA's driver describes its devices, a folder each.</summary>
    private const string NvidiaDevices = "/proc/driver/nvidia/gpus";

    /// <summary>The processor's name.</summary>
    public static string ProcessorName => ValueOf("/proc/cpuinfo", "model name") ?? "unknown processor";

    /// <summary>The first GPU's name; null where NVIDIA's driver names none.</summary>
    public static string? DeviceName => Directory.Exists(NvidiaDevices)
        ? Directory.EnumerateFiles(NvidiaDevices, "information", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(file => ValueOf(file, "Model"))
            .FirstOrDefault()
        : null;

    // The first line 'key : value' of a file.
    private static string? ValueOf(string file, string key)
    {
        string? line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
