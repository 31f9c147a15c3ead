using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Host.Configuration;
using Pipeline.Host.Http;
using Pipeline.Host.Running;
using Pipeline.Render;
using Pipeline.Testing;
using Pipeline.Tests.Running;

namespace Pipeline.Tests.Http;

/// <summary>A real server on loopback beside a real run with a scripted model and one source, "gate".</summary>
internal sealed class ServedRun : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly SnapshotSink _snapshots = new(TimeProvider.System);
    private readonly TemporaryFolder _folder = new();
    private DetectionRun? _run;
    private HttpServer? _server;
    private Task? _running;

    /// <summary>Where lasting changes are written.</summary>
    public string LocalFile => _folder["appsettings.local.json"];

    /// <summary>The run.</summary>
    public DetectionRun Run => _run!;

    /// <summary>A client of the server.</summary>
    public HttpClient Client { get; } = new();

    /// <summary>Starts the server, and the run unless it is not wanted.</summary>
    public static async Task<ServedRun> StartAsync(string url = "http://127.0.0.1:0", string? token = null, bool run = true, bool record = false)
    {
        var served = new ServedRun();
        try
        {
            await served.BeginAsync(new HttpSettings { Url = url, Token = token }, run, record);
            return served;
        }
        catch
        {
            await served.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks for JSON, which must come.</summary>
    public async Task<JsonNode> GetAsync(string path) => await ReadAsync(await Client.GetAsync(path));

    /// <summary>Asks until there is an answer: connections that the server has just lost sight of may still count.</summary>
    public async Task AnswersAsync(string path)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                Assert.True((await Client.GetAsync(path)).IsSuccessStatusCode);
                return;
            }
            catch (HttpRequestException) when (attempt < 1000)
            {
                // Refused: the next connection, then.
            }
        }
    }

    /// <summary>Sends a body; null for none.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, type);
        return await Client.SendAsync(request);
    }

    /// <summary>The JSON of an answer, which must be a good one.</summary>
    public static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!;
    }

    /// <summary>An answer is a problem of a status, whose detail has a text.</summary>
    public static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string hint)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((int)status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Contains(hint, problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _stop.CancelAsync();
        await (_running ?? Task.CompletedTask);
        _run?.Dispose();
        _stop.Dispose();
        _snapshots.Dispose();
        _folder.Dispose();
    }

    private async Task BeginAsync(HttpSettings http, bool run, bool record)
    {
        var pipeline = new PipelineSettings
        {
            Sources = [new SourceSettings { Uri = "test://320x240@50", Name = "gate" }],
            Reading = new ReadingSettings { KeepRunning = true },
            Recording = new RecordingSettings { Folder = record ? _folder["recordings"] : null, FreeMiB = 0 },
        };
        _run = await DetectionRun.CreateAsync(
            pipeline, ScriptedModel.Create(), NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None, _snapshots);
        _server = await HttpServer.StartAsync(http, _run, _snapshots, new LocalSettings(_folder["appsettings.json"]), NullLoggerFactory.Instance, TimeProvider.System);
        Client.BaseAddress = _server!.Url;
        _running = run ? _run.RunAsync(_stop.Token) : null;
    }
}
