using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Pipeline.Host.Http;
using Pipeline.Render;
using Pipeline.Tests.Metering;

namespace Pipeline.Tests.Http;

/// <summary>A real server on loopback beside a real run with a scripted model.</summary>
public sealed class HttpServerTests
{
    private const string Token = "correct-horse-battery";

    [Fact]
    public async Task Metrics_RunningPipeline_CountFramesInTheFormatOfPrometheus()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        await served.Client.GetAsync("snapshot/gate.jpg");

        HttpResponseMessage response = await served.Client.GetAsync("metrics");

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Dictionary<string, double> samples = PrometheusPage.Parse(await response.Content.ReadAsStringAsync()).Samples;
        Assert.True(samples["""pipeline_frames_total{source="gate",stage="render"}"""] > 0);
        Assert.Equal(1, samples["""pipeline_source_up{source="gate"}"""]);
    }

    [Fact]
    public async Task Snapshot_LiveSource_IsTheAnnotatedPicture()
    {
        await using ServedRun served = await ServedRun.StartAsync();

        HttpResponseMessage response = await served.Client.GetAsync("snapshot/gate.jpg");

        Assert.Equal("image/jpeg", response.Content.Headers.ContentType!.MediaType);
        using OpenCvSharp.Mat picture = OpenCvSharp.Cv2.ImDecode(await response.Content.ReadAsByteArrayAsync(), OpenCvSharp.ImreadModes.Color);
        Assert.Equal(new OpenCvSharp.Size(320, 240), picture.Size());
    }

    [Fact]
    public async Task Snapshot_ManyAtOnce_AllGetOne()
    {
        await using ServedRun served = await ServedRun.StartAsync();

        HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => served.Client.GetAsync("snapshot/gate.jpg")));

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Theory]
    [InlineData("snapshot/gaet.jpg", "Did you mean 'gate'?")]
    [InlineData("snapshot/..%2F..%2Fetc%2Fpasswd.jpg", "There is no source")]
    [InlineData("nothing/here", "/openapi.json")]
    [InlineData("metrics/x", "/openapi.json")]
    public async Task Get_WhatIsNotThere_IsAProblemThatSaysWhatIs(string path, string hint)
    {
        await using ServedRun served = await ServedRun.StartAsync();

        HttpResponseMessage response = await served.Client.GetAsync(path);

        await ServedRun.AssertProblemAsync(response, HttpStatusCode.NotFound, hint);
    }

    [Fact]
    public async Task Health_RunningPipeline_IsOkWithEveryStageAndSource()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        await served.Client.GetAsync("snapshot/gate.jpg");

        foreach (string path in new[] { "healthz", "readyz" })
        {
            HttpResponseMessage response = await served.Client.GetAsync(path);
            using JsonDocument health = JsonDocument.Parse(await response.Content.ReadAsStringAsync());

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("ok", health.RootElement.GetProperty("status").GetString());
            Assert.Equal("live", health.RootElement.GetProperty("sources")[0].GetProperty("state").GetString());
            Assert.NotEmpty(health.RootElement.GetProperty("stages").EnumerateArray());
        }
    }

    [Fact]
    public async Task Ready_SourceNotTriedYet_IsUnavailableWithTheReason()
    {
        await using ServedRun served = await ServedRun.StartAsync(run: false);

        HttpResponseMessage response = await served.Client.GetAsync("readyz");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("not every source has been tried", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_RunningPipeline_HasTheReportAndTheMoment()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        await served.Client.GetAsync("snapshot/gate.jpg");

        using JsonDocument status = JsonDocument.Parse(await served.Client.GetStringAsync("api/status"));

        JsonElement root = status.RootElement;
        Assert.True(root.GetProperty("now").GetProperty("fps").GetDouble() > 0);
        Assert.Equal("scripted", root.GetProperty("run").GetProperty("model").GetString());
        Assert.True(root.GetProperty("run").GetProperty("sources").GetProperty("gate").GetProperty("frames").GetInt64() > 0);
    }

    [Fact]
    public async Task Any_Answer_HasTheHeadersThatBrowsersObeyAndNoServerName()
    {
        await using ServedRun served = await ServedRun.StartAsync();

        foreach (string path in new[] { "healthz", "nothing" })
        {
            HttpResponseHeaders headers = (await served.Client.GetAsync(path)).Headers;
            Assert.Equal("nosniff", Assert.Single(headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("DENY", Assert.Single(headers.GetValues("X-Frame-Options")));
            Assert.Contains("default-src 'none'", Assert.Single(headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            Assert.True(headers.CacheControl!.NoStore);
            Assert.False(headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task Any_ReboundName_IsForbidden()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/status") { Headers = { Host = "evil.example" } };

        await ServedRun.AssertProblemAsync(await served.Client.SendAsync(request), HttpStatusCode.Forbidden, "Http:Hosts");
    }

    [Fact]
    public async Task Any_PageOfAnotherOrigin_IsForbidden()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/status") { Headers = { { "Origin", "https://evil.example" } } };

        await ServedRun.AssertProblemAsync(await served.Client.SendAsync(request), HttpStatusCode.Forbidden, "other origins");
    }

    [Fact]
    public async Task Any_TokenConfigured_IsWantedEverywhereAndNeverShown()
    {
        await using ServedRun served = await ServedRun.StartAsync(token: Token);

        HttpResponseMessage none = await served.Client.GetAsync("healthz");
        served.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong-token-wrong");
        HttpResponseMessage wrong = await served.Client.GetAsync("api/status");
        served.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        HttpResponseMessage right = await served.Client.GetAsync("api/status");

        Assert.Equal("Bearer", none.Headers.WwwAuthenticate.ToString());
        await ServedRun.AssertProblemAsync(none, HttpStatusCode.Unauthorized, "Authorization: Bearer TOKEN");
        await ServedRun.AssertProblemAsync(wrong, HttpStatusCode.Unauthorized, "Http:Token");
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        Assert.DoesNotContain(Token, await right.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_ManyWrongTokens_IsTooManyRequests()
    {
        await using ServedRun served = await ServedRun.StartAsync(token: Token);
        served.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong-token-wrong");
        for (int i = 0; i < FailureLimiter.Limit; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await served.Client.GetAsync("healthz")).StatusCode);
        }

        HttpResponseMessage response = await served.Client.GetAsync("healthz");

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(FailureLimiter.Window, response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task Any_RequestLineAndHeadersWithoutEnd_AreCutOff()
    {
        await using ServedRun served = await ServedRun.StartAsync();

        HttpResponseMessage line = await served.Client.GetAsync($"healthz?{new string('x', 10_000)}");
        using var request = new HttpRequestMessage(HttpMethod.Get, "healthz") { Headers = { { "X-Big", new string('x', 40_000) } } };
        HttpResponseMessage headers = await served.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestUriTooLong, line.StatusCode);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, headers.StatusCode);
    }

    [Theory]
    [InlineData("POST", "healthz")]
    [InlineData("DELETE", "metrics")]
    [InlineData("PUT", "api/status")]
    public async Task Any_MethodThatIsNotThere_IsRefused(string method, string path)
    {
        await using ServedRun served = await ServedRun.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };

        await ServedRun.AssertProblemAsync(await served.Client.SendAsync(request), HttpStatusCode.MethodNotAllowed, "takes GET only");
    }

    [Fact]
    public async Task Any_RequestThatIsNeverFinished_IsCutOffAndDisturbsNobody()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        using TcpClient slow = await ConnectAsync(served);
        await slow.GetStream().WriteAsync("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "u8.ToArray());

        Assert.Equal(HttpStatusCode.OK, (await served.Client.GetAsync("readyz")).StatusCode);
        using var reader = new StreamReader(slow.GetStream());
        string answer = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_MoreConnectionsThanAreMeant_AreClosedAtOnceAndTheServerGoesOn()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        var connections = new List<TcpClient>();
        for (int i = 0; i < HttpServer.MostConnections + 1; i++)
        {
            connections.Add(await ConnectAsync(served));
        }

        // Not always the last one: the server counts them on several threads.
        Assert.True(await await Task.WhenAny(connections.Select(IsClosedAsync)));

        connections.ForEach(connection => connection.Dispose());
        await served.AnswersAsync("readyz");
    }

    [Fact]
    public async Task StartAsync_PortInUse_SaysSoAndWhatToDo()
    {
        await using ServedRun served = await ServedRun.StartAsync();

        OutputException e = await Assert.ThrowsAsync<OutputException>(() => ServedRun.StartAsync(url: served.Client.BaseAddress!.ToString()));

        Assert.Contains("another program listens there", e.Message, StringComparison.Ordinal);
        Assert.Contains("--http", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Waits for the other side's end of a connection, which comes as an end or as a reset.</summary>
    private static async Task<bool> IsClosedAsync(TcpClient connection)
    {
        try
        {
            return await connection.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(30)) == 0;
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return true;
        }
    }

    private static async Task<TcpClient> ConnectAsync(ServedRun served)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, served.Client.BaseAddress!.Port);
        return connection;
    }
}
