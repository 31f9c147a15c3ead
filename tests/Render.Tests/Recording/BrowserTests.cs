using System.Net;
using System.Net.Sockets;
using Pipeline.Render.Tests.Encoding;
using Pipeline.Testing;

namespace Pipeline.Render.Tests.Recording;

/// <summary>A recording in the video element of a real browser, which tells over HTTP how it plays.</summary>
public sealed class BrowserTests : IDisposable
{
    private const string Page = """
        <video id="video" src="video.mp4" muted autoplay></video>
        <script>
          const tell = outcome => fetch('told?' + new URLSearchParams({
            outcome, error: video.error?.message ?? '', width: video.videoWidth, duration: video.duration,
            time: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames }));
          let sought = false;
          video.onerror = () => tell('error');
          video.onended = () => { if (sought) { tell('ended'); } else { sought = true; video.currentTime = 3; video.play(); } };
          video.playbackRate = 4;
        </script>
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _profile = new();
    private readonly HttpListener _server = new();

    public void Dispose()
    {
        _server.Close();
        _folder.Dispose();
        _profile.Dispose();
    }

    [Fact]
    public async Task Play_RecordingThatACrashLeft_PlaysAndSeeksToItsEnd()
    {
        int port = RtspCamera.FreePort();
        using FragmentCollector video = EncodedVideo.Collect(seconds: 6);
        using (FragmentFile file = FragmentFile.Create(_folder["video.mp4"], "gate", EncodedVideo.Labels, video.Fragments[0]))
        {
            foreach (EncodedFragment fragment in video.Fragments)
            {
                file.Append(fragment);
            }
        }

        using Command browser = Start(port);
        Dictionary<string, string> told = await ServeAsync(port).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(("ended", "", "64"), (told["outcome"], told["error"], told["width"]));
        Assert.Equal(6, double.Parse(told["duration"]), 0.1);
        Assert.Equal(6, double.Parse(told["time"]), 0.1);
        Assert.True(int.Parse(told["frames"]) > 20, $"{told["frames"]} frames were decoded.");
    }

    private Command Start(int port) => Command.Start(
        "chromium",
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--autoplay-policy=no-user-gesture-required",
            $"--user-data-dir={_profile.Path}", $"http://127.0.0.1:{port}/",
        ]);

    /// <summary>Serves the page and the video until the page has told how it went.</summary>
    private async Task<Dictionary<string, string>> ServeAsync(int port)
    {
        _server.Prefixes.Add($"http://127.0.0.1:{port}/");
        _server.Start();
        while (true)
        {
            HttpListenerContext call = await _server.GetContextAsync();
            string path = call.Request.Url!.AbsolutePath;
            byte[] answer = path switch
            {
                "/" => System.Text.Encoding.UTF8.GetBytes(Page),
                "/video.mp4" => await File.ReadAllBytesAsync(_folder["video.mp4"]),
                _ => [],
            };
            Answer(call, answer, path == "/video.mp4" ? "video/mp4" : "text/html");
            if (path == "/told")
            {
                System.Collections.Specialized.NameValueCollection query = call.Request.QueryString;
                return query.AllKeys.ToDictionary(key => key!, key => query[key]!, StringComparer.Ordinal);
            }
        }
    }

    /// <summary>Answers, with the range that was asked for: a browser seeks only where it can ask for one.</summary>
    private static void Answer(HttpListenerContext call, byte[] answer, string type)
    {
        call.Response.ContentType = type;
        call.Response.AddHeader("Accept-Ranges", "bytes");
        int from = 0;
        if (call.Request.Headers["Range"] is { } range)
        {
            from = int.Parse(range["bytes=".Length..range.IndexOf('-', StringComparison.Ordinal)]);
            call.Response.StatusCode = (int)HttpStatusCode.PartialContent;
            call.Response.AddHeader("Content-Range", $"bytes {from}-{answer.Length - 1}/{answer.Length}");
        }

        try
        {
            call.Response.Close(answer[from..], willBlock: true);
        }
        catch (Exception e) when (e is HttpListenerException or IOException or SocketException)
        {
            // The browser has enough; it breaks off what it does not want.
        }
    }
}
