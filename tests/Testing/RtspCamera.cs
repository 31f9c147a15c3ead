using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pipeline.Testing;

/// <summary>
/// A network camera on loopback that shows the sample video in H.264, live, and does on request what cameras do when they are
/// ill (tests/rtsp/rtsp_fault_server.py tells how). Disposal takes its power away.
/// </summary>
public sealed class RtspCamera : IDisposable
{
    /// <summary>The stream's frames a second.</summary>
    public const int FramesPerSecond = 10;

    private static readonly Lazy<Task<string>> LazyVideo = new(() => EncodeAsync("vtest-100.h264", "768:576"));
    private static readonly Lazy<Task<string>> LazyOtherVideo = new(() => EncodeAsync("vtest-100-other.h264", "640:480"));

    private readonly List<string> _arguments;
    private readonly int _port;
    private readonly int _control;
    private Command? _server;

    private RtspCamera(int port, int control, IEnumerable<string> arguments)
    {
        _port = port;
        _control = control;
        _arguments = [.. arguments];
    }

    /// <summary>The stream's address, without user name and password.</summary>
    public string Address => Uri(credentials: null);

    /// <summary>Switches a camera on.</summary>
    /// <param name="arguments">Options of the server, like --mode or --user.</param>
    public static async Task<RtspCamera> StartAsync(params IEnumerable<string> arguments)
    {
        int port = FreePort();
        int control = FreePort();
        string rate = FramesPerSecond.ToString(CultureInfo.InvariantCulture);
        var camera = new RtspCamera(
            port,
            control,
            [
                Path.Combine(Repository.Root, "tests", "rtsp", "rtsp_fault_server.py"),
                "--file", await LazyVideo.Value, "--other", await LazyOtherVideo.Value, "--fps", rate,
                "--port", $"{port}", "--control", $"{control}", .. arguments,
            ]);
        await camera.PowerOnAsync();
        return camera;
    }

    /// <summary>The stream's address with credentials.</summary>
    public string Uri(string? credentials) => $"rtsp://{(credentials is null ? "" : credentials + "@")}127.0.0.1:{_port}/cam";

    /// <summary>Starts the server and returns once it listens.</summary>
    public async Task PowerOnAsync()
    {
        _server = Command.Start("python3", _arguments);
        while (await _server.Output.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("ready", StringComparison.Ordinal))
            {
                return;
            }
        }

        CommandResult result = await _server.WaitAsync();
        throw new InvalidOperationException($"The RTSP server did not start: {result.Error}");
    }

    /// <summary>Kills the server.</summary>
    public void PowerOff() => _server?.Dispose();

    /// <summary>Tells the camera what to do: a mode like stall or drop:2, normal, kick, down, up, stat.</summary>
    /// <returns>How it does: like mode=normal clients=1 frames=41 udp=0.</returns>
    public async Task<string> TellAsync(string word)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _control);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(word));
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync() ?? "";
    }

    /// <inheritdoc/>
    public void Dispose() => PowerOff();

    /// <summary>The path of the film that it shows: H.264, ten frames a second, a key frame in two seconds.</summary>
    internal static Task<string> VideoAsync() => LazyVideo.Value;

    /// <summary>A port that nobody listens at.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The sample video's first ten seconds as H.264, a key frame in two seconds, made once and kept in the cache.</summary>
    private static async Task<string> EncodeAsync(string name, string size)
    {
        string path = Path.Combine(Repository.Cache, "tests", name);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            string partial = $"{path}.{Environment.ProcessId}";
            CommandResult result = await Command.RunAsync(
                "ffmpeg",
                [
                    "-v", "error", "-y", "-i", Repository.SampleVideo, "-frames:v", "100", "-an", "-vf", $"scale={size}",
                    "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main", "-pix_fmt", "yuv420p", "-bf", "0", "-g", "20", "-keyint_min", "20", "-sc_threshold", "0",
                    "-crf", "23", "-threads", "1", "-f", "h264", partial,
                ]);
            if (result.ExitCode != 0)
            {
                throw new InvalidOperationException($"ffmpeg can't make the test stream: {result.Error}");
            }

            File.Move(partial, path, overwrite: true);
        }

        return path;
    }
}
