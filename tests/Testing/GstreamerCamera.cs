namespace Pipeline.Testing;

/// <summary>
/// A network camera on loopback made of GStreamer's RTSP server (tests/rtsp/rtsp_gst_server.py), to read another server than
/// our own. It shows what <see cref="RtspCamera"/> shows. Disposal ends it.
/// </summary>
public sealed class GstreamerCamera : IDisposable
{
    private readonly Command _server;
    private readonly int _port;

    private GstreamerCamera(Command server, int port)
    {
        _server = server;
        _port = port;
    }

    /// <summary>Starts a server and returns once it listens.</summary>
    /// <param name="arguments">Its options, like --user and --password.</param>
    public static async Task<GstreamerCamera> StartAsync(params IEnumerable<string> arguments)
    {
        int port = RtspCamera.FreePort();
        string script = Path.Combine(Repository.Root, "tests", "rtsp", "rtsp_gst_server.py");

        // Debian's own interpreter: the packages with GStreamer's bindings are for that one.
        Command server = Command.Start(
            "/usr/bin/python3", [script, "--file", await RtspCamera.VideoAsync(), "--port", $"{port}", .. arguments], openInput: true);
        if (await server.Output.ReadLineAsync() is not { } line || !line.StartsWith("ready", StringComparison.Ordinal))
        {
            CommandResult result = await server.WaitAsync();
            throw new InvalidOperationException($"GStreamer's RTSP server did not start: {result.Error}");
        }

        return new GstreamerCamera(server, port);
    }

    /// <summary>The stream's address.</summary>
    /// <param name="credentials">User name and password, with a colon between them; null for none.</param>
    public string Uri(string? credentials = null) => $"rtsp://{(credentials is null ? "" : credentials + "@")}127.0.0.1:{_port}/cam";

    /// <summary>Tells it what to do: stall, resume or kick.</summary>
    public async Task TellAsync(string word)
    {
        await _server.Input.WriteLineAsync(word);
        await _server.Input.FlushAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _server.Dispose();
}
