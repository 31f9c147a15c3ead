using System.Runtime.InteropServices;

namespace Pipeline.Host.CommandLine;

/// <summary>The end of the process where its usual end would not come.</summary>
internal static partial class ProcessEnd
{
    /// <summary>
    /// Ends the process without the ends of its native libraries. CUDA's waits for a run that may never come back, and with it
    /// the service manager, which would start the program anew. Everything that matters must be closed before.
    /// </summary>
    /// <param name="code">The exit code.</param>
    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void AtOnce(int code);
}
