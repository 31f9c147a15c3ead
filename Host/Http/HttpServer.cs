using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Host.Configuration;
using Pipeline.Host.Running;
using Pipeline.Render;

namespace Pipeline.Host.Http;

/// <summary>
/// Serves a run over HTTP: health, metrics, status, control, snapshots. It stands beside the pipeline and never in its way:
/// it only reads the meters, and asks the run for changes as anybody else does.
/// </summary>
internal sealed partial class HttpServer : IAsyncDisposable
{
    /// <summary>Viewers and scrapers are few; who opens more connections is an accident or an attack.</summary>
    internal const int MostConnections = 64;

    /// <summary>The largest body that is taken: a source's settings have a few hundred bytes.</summary>
    private const int LargestBody = 64 * 1024;

    /// <summary>How long requests that are under way may go on once the server stops.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(1);

    private readonly WebApplication _application;

    private HttpServer(WebApplication application, Uri url)
    {
        _application = application;
        Url = url;
    }

    /// <summary>Where it listens; with the port that the system chose, where it was asked for any.</summary>
    public Uri Url { get; }

    /// <summary>Starts a server for a run.</summary>
    /// <param name="settings">Where it listens and who may talk to it.</param>
    /// <param name="run">The run.</param>
    /// <param name="snapshots">A sink of the run.</param>
    /// <param name="local">Where changes that shall last are written.</param>
    /// <param name="loggers">Makes the log; the framework itself only tells its errors.</param>
    /// <param name="time">The clock of its limits.</param>
    /// <returns>The server; null where it is switched off.</returns>
    /// <exception cref="UsageException">The settings are no address, or ask for a token and there is none.</exception>
    /// <exception cref="OutputException">The address can't be listened on.</exception>
    public static async Task<HttpServer?> StartAsync(
        HttpSettings settings,
        DetectionRun run,
        SnapshotSink snapshots,
        LocalSettings local,
        ILoggerFactory loggers,
        TimeProvider time)
    {
        if (ListenAddress.From(settings) is not { } address)
        {
            return null;
        }

        ILogger logger = loggers.CreateLogger("Pipeline");
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopGrace);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Limit(kestrel, address));
        WebApplication application = builder.Build();
        application.UseMiddleware<SecurityMiddleware>(new AccessPolicy(address.Hosts, settings.Token, time));
        application.UseMiddleware<ErrorMiddleware>();
        application.UseRouting();
        ObservationEndpoints.Map(application, run, snapshots);
        ControlEndpoints.Map(application, run.Control, local);
        RecordingEndpoints.Map(application, () => run.Recordings?.Index);
        application.MapGet("/openapi.json", WriteDocumentAsync);
        try
        {
            await application.StartAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
        {
            await application.DisposeAsync();
            string trouble = $"{settings.Url} can't be served: {Reason(e)}";
            if (settings.Url != new HttpSettings().Url)
            {
                throw new OutputException($"{trouble} Choose another address with --http, or --http off.", e);
            }

            // Nobody asked for it, and a second run beside the first is no mistake.
            Log.NotServing(logger, trouble);
            return null;
        }

        var url = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Log.Serving(logger, url);
        return new HttpServer(application, url);
    }

    /// <summary>Ends what is under way after a short time, and frees the port.</summary>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    private static async Task WriteDocumentAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        await using Stream document = typeof(HttpServer).Assembly.GetManifestResourceStream("openapi.json")!;
        await document.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static void Limit(KestrelServerOptions kestrel, ListenAddress address)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = MostConnections;
        kestrel.Limits.MaxRequestBodySize = LargestBody;
        kestrel.Limits.MaxRequestLineSize = 4 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        kestrel.Listen(address.Address, address.Port, listen => listen.Protocols = HttpProtocols.Http1);
    }

    private static string Reason(Exception e) => e.InnerException is AddressInUseException
        ? "another program listens there."
        : (e.InnerException ?? e).Message.TrimEnd('.') + ".";

    /// <summary>Signals are the run's, which drains; the web host would take them away from it.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Information, "Serving {Url}")]
        public static partial void Serving(ILogger logger, Uri url);

        [LoggerMessage(41, LogLevel.Warning, "{Trouble} This run goes on without; --http chooses another address.")]
        public static partial void NotServing(ILogger logger, string trouble);
    }
}
