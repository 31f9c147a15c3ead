using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Host.Configuration;
using Pipeline.Host.Http;
using Pipeline.Host.Running;
using Pipeline.Render;
using Pipeline.Tests.Metering;
using Pipeline.Tests.Running;

namespace Pipeline.Tests.Http;

/// <summary>A real server on loopback beside a real run with a scripted model.</summary>
public sealed class HttpServerTests : IAsyncLifetime, IDisposable
{
    private const string AnyPort = "http://127.0.0.1:0";
    private const string Token = "correct-horse-battery";

    private readonly CancellationTokenSource _stop = new();
    private readonly SnapshotSink _snapshots = new(TimeProvider.System);
    private readonly HttpClient _client = new();
    private DetectionRun? _run;
    private HttpServer? _server;
    private Task? _running;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _stop.CancelAsync();
        await (_running ?? Task.CompletedTask);
    }

    public void Dispose()
    {
        _client.Dispose();
        _run?.Dispose();
        _stop.Dispose();
        _snapshots.Dispose();
    }

    [Fact]
    public async Task Metrics_RunningPipeline_CountFramesInTheFormatOfPrometheus()
    {
        await StartAsync();
        await _client.GetAsync("snapshot/gate.jpg");

        HttpResponseMessage response = await _client.GetAsync("metrics");

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Dictionary<string, double> samples = PrometheusPage.Parse(await response.Content.ReadAsStringAsync()).Samples;
        Assert.True(samples["""pipeline_frames_total{source="gate",stage="render"}"""] > 0);
        Assert.Equal(1, samples["""pipeline_source_up{source="gate"}"""]);
    }

    [Fact]
    public async Task Snapshot_LiveSource_IsTheAnnotatedPicture()
    {
        await StartAsync();

        HttpResponseMessage response = await _client.GetAsync("snapshot/gate.jpg");

        Assert.Equal("image/jpeg", response.Content.Headers.ContentType!.MediaType);
        using OpenCvSharp.Mat picture = OpenCvSharp.Cv2.ImDecode(await response.Content.ReadAsByteArrayAsync(), OpenCvSharp.ImreadModes.Color);
        Assert.Equal(new OpenCvSharp.Size(320, 240), picture.Size());
    }

    [Fact]
    public async Task Snapshot_ManyAtOnce_AllGetOne()
    {
        await StartAsync();

        HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _client.GetAsync("snapshot/gate.jpg")));

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Theory]
    [InlineData("snapshot/gaet.jpg", "Did you mean 'gate'?")]
    [InlineData("snapshot/..%2F..%2Fetc%2Fpasswd.jpg", "There is no source")]
    [InlineData("nothing/here", "/openapi.json")]
    [InlineData("metrics/x", "/openapi.json")]
    public async Task Get_WhatIsNotThere_IsAProblemThatSaysWhatIs(string path, string hint)
    {
        await StartAsync();

        HttpResponseMessage response = await _client.GetAsync(path);

        await AssertProblemAsync(response, HttpStatusCode.NotFound, hint);
    }

    [Fact]
    public async Task Health_RunningPipeline_IsOkWithEveryStageAndSource()
    {
        await StartAsync();
        await _client.GetAsync("snapshot/gate.jpg");

        foreach (string path in new[] { "healthz", "readyz" })
        {
            HttpResponseMessage response = await _client.GetAsync(path);
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
        await StartAsync(run: false);

        HttpResponseMessage response = await _client.GetAsync("readyz");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("not every source has been tried", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_RunningPipeline_HasTheReportAndTheMoment()
    {
        await StartAsync();
        await _client.GetAsync("snapshot/gate.jpg");

        using JsonDocument status = JsonDocument.Parse(await _client.GetStringAsync("api/status"));

        JsonElement root = status.RootElement;
        Assert.True(root.GetProperty("now").GetProperty("fps").GetDouble() > 0);
        Assert.Equal("scripted", root.GetProperty("run").GetProperty("model").GetString());
        Assert.True(root.GetProperty("run").GetProperty("sources").GetProperty("gate").GetProperty("frames").GetInt64() > 0);
    }

    [Fact]
    public async Task Any_Answer_HasTheHeadersThatBrowsersObeyAndNoServerName()
    {
        await StartAsync();

        foreach (string path in new[] { "healthz", "nothing" })
        {
            HttpResponseHeaders headers = (await _client.GetAsync(path)).Headers;
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
        await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/status") { Headers = { Host = "evil.example" } };

        await AssertProblemAsync(await _client.SendAsync(request), HttpStatusCode.Forbidden, "Http:Hosts");
    }

    [Fact]
    public async Task Any_PageOfAnotherOrigin_IsForbidden()
    {
        await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/status") { Headers = { { "Origin", "https://evil.example" } } };

        await AssertProblemAsync(await _client.SendAsync(request), HttpStatusCode.Forbidden, "other origins");
    }

    [Fact]
    public async Task Any_TokenConfigured_IsWantedEverywhereAndNeverShown()
    {
        await StartAsync(settings: new HttpSettings { Url = AnyPort, Token = Token });

        HttpResponseMessage none = await _client.GetAsync("healthz");
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong-token-wrong");
        HttpResponseMessage wrong = await _client.GetAsync("api/status");
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        HttpResponseMessage right = await _client.GetAsync("api/status");

        Assert.Equal("Bearer", none.Headers.WwwAuthenticate.ToString());
        await AssertProblemAsync(none, HttpStatusCode.Unauthorized, "Authorization: Bearer TOKEN");
        await AssertProblemAsync(wrong, HttpStatusCode.Unauthorized, "Http:Token");
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        Assert.DoesNotContain(Token, await right.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_ManyWrongTokens_IsTooManyRequests()
    {
        await StartAsync(settings: new HttpSettings { Url = AnyPort, Token = Token });
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong-token-wrong");
        for (int i = 0; i < FailureLimiter.Limit; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("healthz")).StatusCode);
        }

        HttpResponseMessage response = await _client.GetAsync("healthz");

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(FailureLimiter.Window, response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task Any_RequestLineAndHeadersWithoutEnd_AreCutOff()
    {
        await StartAsync();

        HttpResponseMessage line = await _client.GetAsync($"healthz?{new string('x', 10_000)}");
        using var request = new HttpRequestMessage(HttpMethod.Get, "healthz") { Headers = { { "X-Big", new string('x', 40_000) } } };
        HttpResponseMessage headers = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestUriTooLong, line.StatusCode);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, headers.StatusCode);
    }

    [Theory]
    [InlineData("POST", "healthz")]
    [InlineData("DELETE", "metrics")]
    [InlineData("PUT", "api/status")]
    public async Task Any_MethodThatIsNotThere_IsRefused(string method, string path)
    {
        await StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };

        await AssertProblemAsync(await _client.SendAsync(request), HttpStatusCode.MethodNotAllowed, "takes GET only");
    }

    [Fact]
    public async Task StartAsync_PortInUse_SaysSoAndWhatToDo()
    {
        await StartAsync();
        var settings = new HttpSettings { Url = _server!.Url.ToString() };

        OutputException e = await Assert.ThrowsAsync<OutputException>(
            () => HttpServer.StartAsync(settings, _run!, _snapshots, NullLoggerFactory.Instance, TimeProvider.System));

        Assert.Contains("another program listens there", e.Message, StringComparison.Ordinal);
        Assert.Contains("--http", e.Message, StringComparison.Ordinal);
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string hint)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((int)status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Contains(hint, problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task StartAsync(HttpSettings? settings = null, bool run = true)
    {
        var pipeline = new PipelineSettings { Sources = [new SourceSettings { Uri = "test://320x240@50", Name = "gate" }] };
        _run = DetectionRun.Create(pipeline, ScriptedModel.Create(), NullLoggerFactory.Instance, TimeProvider.System, _snapshots);
        _server = await HttpServer.StartAsync(
            settings ?? new HttpSettings { Url = AnyPort }, _run, _snapshots, NullLoggerFactory.Instance, TimeProvider.System);
        _client.BaseAddress = _server!.Url;
        _running = run ? _run.RunAsync(_stop.Token) : null;
    }
}
