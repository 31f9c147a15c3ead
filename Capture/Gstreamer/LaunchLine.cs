using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Pipeline.Capture;

/// <summary>
/// A GStreamer launch line, made complete and checked by GStreamer itself. OpenCV would start what it can of a wrong line,
/// and wait for its first picture.
/// </summary>
internal static partial class LaunchLine
{
    /// <summary>What OpenCV takes pictures from: blue, green, red, and only the newest.</summary>
    private const string Ending = " ! videoconvert ! video/x-raw,format=BGR ! appsink drop=true max-buffers=1";

    private const string Library = "libgstreamer-1.0.so.0";
    private const string Glib = "libglib-2.0.so.0";

    /// <summary>GST_PARSE_FLAG_FATAL_ERRORS: a line that is wrong in one place is wrong.</summary>
    private const int FatalErrors = 1;

    /// <summary>The line with an end that pictures can be taken from; one that has such an end stays as it is.</summary>
    public static string Complete(string line) => SinkPattern().IsMatch(line) ? line : line.TrimEnd(' ', '!') + Ending;

    /// <summary>Has GStreamer make every element of the line, and throw them away.</summary>
    /// <param name="line">A complete line.</param>
    /// <exception cref="SourceException">An element or property does not exist, or the line is none; or there is no GStreamer.</exception>
    public static unsafe void Check(string line)
    {
        ParseError* error = null;
        nint pipeline;
        try
        {
            // What it thinks of a line it would write to standard error, past the program's log.
            _ = SetLogHandler(&Ignore, 0);
            pipeline = Initialise(0, 0, &error) != 0 ? Parse(line, 0, FatalErrors, &error) : 0;
        }
        catch (DllNotFoundException e)
        {
            throw new SourceException("GStreamer is not installed: Debian's packages gstreamer1.0-plugins-base and -good bring it.", e);
        }

        if (pipeline != 0)
        {
            Release(pipeline);
        }

        if (error is not null)
        {
            string reason = Marshal.PtrToStringUTF8(error->Message) ?? "it is no launch line";
            Free(error);
            throw new SourceException($"GStreamer refuses the launch line: {WithoutCounts(reason, line)}.");
        }
    }

    /// <summary>
    /// Names elements as the line does. GStreamer calls the third fakesink fakesink2, and counts on from attempt to attempt, so
    /// that each would look like a new reason.
    /// </summary>
    internal static string WithoutCounts(string reason, string line) => CountedPattern().Replace(reason, match =>
        line.Contains(match.Groups["element"].Value, StringComparison.Ordinal) && !line.Contains(match.Value, StringComparison.Ordinal)
            ? match.Groups["element"].Value
            : match.Value);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Ignore(nint domain, int level, nint message, nint data)
    {
    }

    [GeneratedRegex(@"\bappsink\b", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SinkPattern();

    [GeneratedRegex(@"\b(?<element>[A-Za-z][A-Za-z0-9_-]*?)\d+\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CountedPattern();

    [LibraryImport(Library, EntryPoint = "gst_init_check")]
    private static unsafe partial int Initialise(nint count, nint arguments, ParseError** error);

    [LibraryImport(Library, EntryPoint = "gst_parse_launch_full", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial nint Parse(string line, nint context, int flags, ParseError** error);

    [LibraryImport(Library, EntryPoint = "gst_object_unref")]
    private static partial void Release(nint element);

    [LibraryImport(Glib, EntryPoint = "g_log_set_default_handler")]
    private static unsafe partial nint SetLogHandler(delegate* unmanaged[Cdecl]<nint, int, nint, nint, void> handler, nint data);

    [LibraryImport(Glib, EntryPoint = "g_error_free")]
    private static unsafe partial void Free(ParseError* error);

    /// <summary>GLib's GError.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ParseError
    {
        public readonly uint Domain;
        public readonly int Code;

        /// <summary>UTF-8, ending with a zero.</summary>
        public readonly nint Message;
    }
}
