using System.Net;
using System.Net.Sockets;
using System.Text;
using OpenCvSharp;
using Pipeline.Testing;

namespace Pipeline.Capture.Tests.Streams;

/// <summary>Web servers: a camera that sends Motion JPEG without end, and a film that has one.</summary>
public sealed class HttpStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);

    public HttpStreamTests() => _server.Start();

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    private string Address => $"http://127.0.0.1:{((IPEndPoint)_server.LocalEndpoint).Port}/video";

    [Fact]
    public async Task MotionJpeg_ConnectionClosed_IsOpenedAnew()
    {
        byte[] part = MakePart();
        Task serving = ServeAsync(
            "multipart/x-mixed-replace; boundary=frame",
            async (stream, connection) =>
            {
                // The first viewer is cut off after two seconds of pictures; later ones are not.
                for (int i = 0; i < 50 || connection > 1; i++)
                {
                    await stream.WriteAsync(part);
                    await Task.Delay(40);
                }
            });
        await using (StreamRun run = StreamRun.Start(Address))
        {
            await run.Recorder.WaitAsync(() => run.Reader.Reconnects >= 1);

            Assert.Equal(new Size(64, 48), run.Recorder.Size);
            Assert.Contains("closed the connection", run.Recorder.Reasons, StringComparison.Ordinal);
        }

        _server.Stop();
        await serving;
    }

    [Fact]
    public async Task Film_AtItsEnd_Ends()
    {
        byte[] film = await MakeFilmAsync();
        Task serving = ServeAsync("video/x-msvideo", (stream, _) => stream.WriteAsync(film).AsTask(), film.Length);
        await using (StreamRun run = StreamRun.Start(Address, StreamRun.Camera with { Latest = false }))
        {
            await run.Reader.Completion;

            Assert.Equal(SourceState.Ended, run.Reader.State);
            Assert.Null(run.Reader.Warning);
            Assert.Equal(20, run.Recorder.Frames);
        }

        _server.Stop();
        await serving;
    }

    /// <summary>Answers every request with a head and a body, until the listener stops.</summary>
    private async Task ServeAsync(string type, Func<NetworkStream, int, Task> writeBody, int? length = null)
    {
        var answers = new List<Task>();
        int requests = 0;
        try
        {
            while (true)
            {
                answers.Add(AnswerAsync(await _server.AcceptTcpClientAsync()));
            }
        }
        catch (SocketException)
        {
            await Task.WhenAll(answers);
        }

        async Task AnswerAsync(TcpClient client)
        {
            using (client)
            {
                try
                {
                    NetworkStream stream = client.GetStream();
                    byte[] request = new byte[4096];

                    // The reader's own probe connects and asks nothing.
                    if (await stream.ReadAsync(request) > 0)
                    {
                        string size = length is null ? "" : $"Content-Length: {length}\r\n";
                        string head = $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nConnection: close\r\n{size}\r\n";
                        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
                        await writeBody(stream, Interlocked.Increment(ref requests));
                    }
                }
                catch (IOException)
                {
                    // The viewer went away.
                }
            }
        }
    }

    private static byte[] MakePart()
    {
        using var picture = new Mat(48, 64, MatType.CV_8UC3, new Scalar(10, 120, 240));
        byte[] jpeg = picture.ImEncode(".jpg");
        string head = $"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {jpeg.Length}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. jpeg, .. "\r\n"u8];
    }

    private async Task<byte[]> MakeFilmAsync()
    {
        CommandResult result = await Command.RunAsync(
            "ffmpeg", ["-v", "error", "-i", Repository.SampleVideo, "-frames:v", "20", "-an", "-c:v", "copy", _folder["film.avi"]]);
        Assert.True(result.ExitCode == 0, result.Error);
        return await File.ReadAllBytesAsync(_folder["film.avi"]);
    }
}
