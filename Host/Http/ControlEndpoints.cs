using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pipeline.Capture;
using Pipeline.Host.Configuration;
using Pipeline.Host.Running;

namespace Pipeline.Host.Http;

/// <summary>
/// What can be changed in a run: /api/sources and /api/settings. Changes last until the program ends, or, with
/// ?persist=true, are written into the local settings file too.
/// </summary>
internal sealed class ControlEndpoints
{
    /// <summary>Sources that can be added this way: each takes threads and a pool of frames.</summary>
    private const int MostSources = 64;

    private const string PausedKey = "paused";

    private readonly RunControl _control;
    private readonly LocalSettings _local;

    private ControlEndpoints(RunControl control, LocalSettings local)
    {
        _control = control;
        _local = local;
    }

    /// <summary>Maps them.</summary>
    /// <param name="routes">Where to.</param>
    /// <param name="control">What changes the run.</param>
    /// <param name="local">Where lasting changes are written.</param>
    public static void Map(IEndpointRouteBuilder routes, RunControl control, LocalSettings local)
    {
        var endpoints = new ControlEndpoints(control, local);
        routes.MapGet("/api/sources", endpoints.ListAsync);
        routes.MapPost("/api/sources", endpoints.AddAsync);
        routes.MapGet("/api/sources/{name}", endpoints.ShowAsync);
        routes.MapPatch("/api/sources/{name}", endpoints.ChangeAsync);
        routes.MapDelete("/api/sources/{name}", endpoints.RemoveAsync);
        routes.MapGet("/api/settings", endpoints.ShowSettingsAsync);
        routes.MapPatch("/api/settings", endpoints.ChangeSettingsAsync);
    }

    private static string NameIn(HttpContext context) => (string)context.GetRouteValue("name")!;

    /// <summary>
    /// Whoever reaches the server may add cameras and streams, but must not have it read this machine's files, or run a
    /// pipeline of GStreamer's, which can write them. Nor may one source become many with the next start.
    /// </summary>
    private static void RequireForHttp(string uri)
    {
        SourceKind kind = SourceAddress.Parse(uri).Kind;
        if (kind is not (SourceKind.Camera or SourceKind.Stream or SourceKind.TestPattern))
        {
            throw new UsageException(
                "Over HTTP a source can be a webcam, rtsp://, http:// or test://. Others are configured in appsettings.local.json.");
        }

        if (kind == SourceKind.TestPattern && TestPattern.Parse(uri).Sources > 1)
        {
            throw new UsageException($"'{uri}' stands for several sources, which configuration files alone can name: over HTTP each one source is added by itself.");
        }
    }

    private static SourceSettings Merge(SourceSettings settings, JsonObject patch)
    {
        SourceSettings merged = Json.Merge(settings, patch, ApiJson.Default.SourceSettings);
        if (merged.Uri == settings.Uri || merged.Uri == SourceAddress.Parse(settings.Uri).ToString())
        {
            // Who sends back what was shown knows no password, and means the address as it is.
            return merged with { Uri = settings.Uri };
        }

        RequireForHttp(merged.Uri);
        return merged;
    }

    /// <summary>Whether a source is paused is its state, and none of its settings.</summary>
    private static bool? TakePaused(JsonObject patch)
    {
        if (!patch.Remove(PausedKey, out JsonNode? paused))
        {
            return null;
        }

        return paused?.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new BadHttpRequestException($"'{PausedKey}' must be true or false."),
        };
    }

    /// <summary>Asked before anything is changed: a word that is not understood changes nothing.</summary>
    private static bool Persists(HttpContext context) => (string?)context.Request.Query["persist"] switch
    {
        "true" => true,
        null or "false" => false,
        _ => throw new BadHttpRequestException("'persist' must be true or false."),
    };

    /// <summary>
    /// Reads a body. ${NAME} stands for a secret in the configuration: a persisted address with one would send that secret to
    /// whoever thought it up, after the next start.
    /// </summary>
    private static async Task<JsonObject> ReadAsync(HttpContext context)
    {
        JsonObject body = await Json.ReadAsync(context);
        return body.ToJsonString().Contains("${", StringComparison.Ordinal)
            ? throw new UsageException("Secrets (${NAME}) can be named in configuration files only, not over HTTP.")
            : body;
    }

    private Task ListAsync(HttpContext context) => Json.WriteAsync(
        context, [.. _control.Sources.Select(SourceDocument.Of)], Json.Answers.SourceDocumentArray);

    private Task ShowAsync(HttpContext context) =>
        Json.WriteAsync(context, SourceDocument.Of(Find(NameIn(context))), Json.Answers.SourceDocument);

    private async Task AddAsync(HttpContext context)
    {
        bool persists = Persists(context);
        SourceSettings source = Json.Merge(
            new SourceSettings(), await ReadAsync(context), ApiJson.Default.SourceSettings);
        RequireForHttp(source.Uri);
        if (_control.Sources.Count >= MostSources)
        {
            throw new ControlException(ControlFault.TooManySources, $"There are {MostSources} sources already: remove one first.");
        }

        string name = await _control.AddSourceAsync(source, context.RequestAborted);
        Persist(persists);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/api/sources/{Uri.EscapeDataString(name)}";
        await Json.WriteAsync(context, SourceDocument.Of(Find(name)), Json.Answers.SourceDocument);
    }

    private async Task ChangeAsync(HttpContext context)
    {
        bool persists = Persists(context);
        string name = Find(NameIn(context)).Name;
        JsonObject patch = await ReadAsync(context);
        bool? paused = TakePaused(patch);
        if (patch.Count > 0)
        {
            name = await _control.ChangeSourceAsync(name, settings => Merge(settings, patch), context.RequestAborted);
        }

        await (paused switch
        {
            true => _control.PauseSourceAsync(name, context.RequestAborted),
            false => _control.ResumeSourceAsync(name, context.RequestAborted),
            null => Task.CompletedTask,
        });
        Persist(persists);
        await Json.WriteAsync(context, SourceDocument.Of(Find(name)), Json.Answers.SourceDocument);
    }

    private async Task RemoveAsync(HttpContext context)
    {
        bool persists = Persists(context);
        await _control.RemoveSourceAsync(NameIn(context), context.RequestAborted);
        Persist(persists);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private Task ShowSettingsAsync(HttpContext context) =>
        Json.WriteAsync(context, _control.Settings.Detection, Json.Answers.DetectionSettings);

    private async Task ChangeSettingsAsync(HttpContext context)
    {
        bool persists = Persists(context);
        JsonObject patch = await ReadAsync(context);
        await _control.ChangeDetectionAsync(
            detection => Json.Merge(detection, patch, ApiJson.Default.DetectionSettings), context.RequestAborted);
        Persist(persists);
        await ShowSettingsAsync(context);
    }

    private SourceStatus Find(string name) => _control.Sources.FirstOrDefault(source => source.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw ControlException.NoSuchSource(name, _control.Sources.Select(source => source.Name));

    private void Persist(bool persists)
    {
        if (persists)
        {
            _local.Write(_control.Settings);
        }
    }
}
