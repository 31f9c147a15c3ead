using System.Globalization;
using System.Text.RegularExpressions;

namespace Pipeline.Capture;

/// <summary>What kind of thing an address names.</summary>
public enum SourceKind
{
    /// <summary>A webcam, by index, by its /dev/video path, or by the lasting name that udev gives it below /dev/v4l.</summary>
    Camera,

    /// <summary>A camera or server on the network: rtsp, rtsps, http, https.</summary>
    Stream,

    /// <summary>A video file.</summary>
    Video,

    /// <summary>One picture, a folder of pictures, or a glob.</summary>
    Pictures,

    /// <summary>The built-in moving pattern: test://WxH@FPS.</summary>
    TestPattern,

    /// <summary>A GStreamer launch line: gst:LINE.</summary>
    LaunchLine,
}

/// <summary>Where frames come from, as the user wrote it, understood.</summary>
public sealed partial record SourceAddress
{
    private static readonly string[] PictureExtensions =
        [".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm"];

    private const string LaunchPrefix = "gst:";

    /// <summary>Links to /dev/videoN, by the camera's serial number or by the socket that it is plugged into.</summary>
    private const string LastingNames = "/dev/v4l/by-";

    private SourceAddress(SourceKind kind, string target, string name)
    {
        Kind = kind;
        Target = target;
        Name = name;
    }

    /// <summary>What it names.</summary>
    public SourceKind Kind { get; }

    /// <summary>The address itself, with its password if it has one: for opening only. Print <see cref="ToString"/>.</summary>
    public string Target { get; }

    /// <summary>A short name for file names, metrics and logs: letters, digits, '-', '_' and '.'.</summary>
    public string Name { get; }

    /// <summary>Whether frames come when they come (a camera), and not when they are asked for (a file).</summary>
    public bool IsLive => Kind is SourceKind.Camera or SourceKind.Stream or SourceKind.TestPattern or SourceKind.LaunchLine;

    /// <summary>Whether it is opened anew, for ever, when it is lost: a camera, a stream or a launch line.</summary>
    public bool Reconnects => Kind is SourceKind.Camera or SourceKind.Stream or SourceKind.LaunchLine;

    /// <summary>Whether it is a stream from a web server.</summary>
    internal bool IsOverHttp => Kind == SourceKind.Stream && Target.StartsWith("http", StringComparison.OrdinalIgnoreCase);

    /// <summary>Understands an address.</summary>
    /// <param name="text">0, /dev/video0, rtsp://…, rtsps://…, http(s)://…, a file, a folder, a glob, test://WxH@FPS, or gst:LAUNCH.</param>
    /// <exception cref="SourceException">It is malformed. (Whether a file is there shows at opening.)</exception>
    public static SourceAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new SourceException("A source is empty: give a camera (0), an rtsp:// address, a file, or test://640x480@30.");
        }

        if (CameraPattern().Match(text) is { Success: true } camera)
        {
            return new SourceAddress(SourceKind.Camera, text, $"camera{camera.Groups["index"].Value}");
        }

        if (text.StartsWith(LastingNames, StringComparison.Ordinal))
        {
            return new SourceAddress(SourceKind.Camera, text, Clean(Path.GetFileName(text)));
        }

        if (text.StartsWith(LaunchPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return text.Length > LaunchPrefix.Length && !string.IsNullOrWhiteSpace(text[LaunchPrefix.Length..])
                ? new SourceAddress(SourceKind.LaunchLine, text, "gst")
                : throw new SourceException("'gst:' has no launch line: write gst:v4l2src ! videoconvert, or what gst-launch-1.0 takes.");
        }

        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        return scheme > 0 ? ParseScheme(text, text[..scheme].ToLowerInvariant()) : ParsePath(text);
    }

    /// <summary>The camera's index; of a lasting name the one that it has now.</summary>
    /// <exception cref="InvalidOperationException">It is no camera.</exception>
    /// <exception cref="SourceException">No camera has that name now.</exception>
    public int CameraIndex
    {
        get
        {
            string device = Kind != SourceKind.Camera ? throw new InvalidOperationException($"{this} is no camera.")
                : Target.StartsWith(LastingNames, StringComparison.Ordinal) ? DeviceOf(Target)
                : Target;
            return int.Parse(CameraPattern().Match(device).Groups["index"].Value, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The launch line.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    internal string LaunchLine => Kind == SourceKind.LaunchLine
        ? Target[LaunchPrefix.Length..].Trim()
        : throw new InvalidOperationException($"{this} is no launch line.");

    /// <summary>The /dev/video path that a link leads to.</summary>
    /// <exception cref="SourceException">It leads to none.</exception>
    internal static string DeviceOf(string link)
    {
        try
        {
            if (File.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName is { } device && CameraPattern().IsMatch(device))
            {
                return device;
            }
        }
        catch (IOException)
        {
            // There is no such link.
        }

        throw new SourceException($"There is no camera '{link}': is it plugged in?");
    }

    /// <summary>Whether a file name has the ending of a picture.</summary>
    public static bool IsPicture(string path) =>
        Array.Exists(PictureExtensions, extension => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase));

    /// <summary>The address without its user name and password.</summary>
    public override string ToString() => Redact(Target);

    /// <summary>Takes user names and passwords out of every address in a text, and out of GStreamer's properties for them.</summary>
    public static string Redact(string text) =>
        PropertyPattern().Replace(CredentialsPattern().Replace(text, "${scheme}***@"), "${property}=***");

    private static SourceAddress ParseScheme(string text, string scheme)
    {
        if (scheme == "test")
        {
            _ = TestPattern.Parse(text);
            return new SourceAddress(SourceKind.TestPattern, text, "test");
        }

        if (scheme == "file")
        {
            return ParsePath(Uri.TryCreate(text, UriKind.Absolute, out Uri? file) && file.Host.Length == 0
                ? file.LocalPath
                : throw new SourceException($"'{text}' is no valid file address: write file:///folder/video.mp4 or the plain path."));
        }

        if (scheme is not ("rtsp" or "rtsps" or "http" or "https"))
        {
            throw new SourceException(
                $"'{Redact(text)}' starts with {scheme}://, which is not known: use rtsp, rtsps, http, https, file, test, or gst: and a launch line.");
        }

        // A password may hold what an address must not; FFmpeg takes it as it is, so it is left out of the check.
        if (!Uri.TryCreate(Redact(text), UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0)
        {
            throw new SourceException($"'{Redact(text)}' is no valid address: write it as {scheme}://host[:port]/path, with user:password@ before a host that asks for them.");
        }

        return new SourceAddress(SourceKind.Stream, text, Clean(uri.Host + uri.AbsolutePath.TrimEnd('/').Replace('/', '-')));
    }

    private static SourceAddress ParsePath(string path)
    {
        bool pictures = IsPicture(path) || path.AsSpan().ContainsAny('*', '?') || Path.EndsInDirectorySeparator(path) || Directory.Exists(path);
        string name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(path));
        return new SourceAddress(pictures ? SourceKind.Pictures : SourceKind.Video, path, Clean(name));
    }

    /// <summary>Makes a text fit for file names and metric labels.</summary>
    private static string Clean(string text)
    {
        string cleaned = UnfitPattern().Replace(text, "-").Trim('-', '.');
        return cleaned.Length == 0 ? "source" : cleaned;
    }

    [GeneratedRegex(@"^(?:/dev/video)?(?<index>\d{1,3})$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CameraPattern();

    // The last @ before the path ends the credentials: passwords hold @ more often than one would think. In test:// it
    // stands before the rate.
    [GeneratedRegex(@"(?<scheme>\b(?!test:)[A-Za-z][A-Za-z0-9+.-]*://)[^/\s""']*@", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CredentialsPattern();

    // user-id, user-pw and their like of rtspsrc, souphttpsrc and others.
    [GeneratedRegex(
        @"(?<property>\b[a-z-]*(?:user|pw|passw|secret|token|cookie|passphrase)[a-z-]*)\s*=\s*(""[^""]*""|'[^']*'|[^\s!]+)",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex PropertyPattern();

    [GeneratedRegex("[^A-Za-z0-9._-]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UnfitPattern();
}
