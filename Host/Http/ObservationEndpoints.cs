using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pipeline.Host.Health;
using Pipeline.Host.Metering;
using Pipeline.Host.Running;
using Pipeline.Render;

namespace Pipeline.Host.Http;

/// <summary>What can be seen of a run: /healthz, /readyz, /metrics, /api/status, /snapshot.</summary>
internal static class ObservationEndpoints
{
    /// <summary>The longest that a request for a picture waits for its source's next frame.</summary>
    private static readonly TimeSpan LongestSnapshot = TimeSpan.FromSeconds(5);

    /// <summary>Maps them.</summary>
    /// <param name="routes">Where to.</param>
    /// <param name="run">The run.</param>
    /// <param name="snapshots">A sink of the run.</param>
    public static void Map(IEndpointRouteBuilder routes, DetectionRun run, SnapshotSink snapshots)
    {
        routes.MapGet("/healthz", context => Answer(context, run.Health, health => health.IsWell));
        routes.MapGet("/readyz", context => Answer(context, run.Health, health => health.IsReady));
        routes.MapGet("/metrics", context => WriteMetricsAsync(context, run.Meters));
        routes.MapGet("/api/status", context => Json.WriteAsync(context, StatusDocument.Of(run), Json.Answers.StatusDocument));
        routes.MapGet("/snapshot/{name}.jpg", context => WriteSnapshotAsync(context, run, snapshots));
    }

    private static Task Answer(HttpContext context, RunHealth health, Func<RunHealth, bool> isGood)
    {
        bool good = isGood(health);
        context.Response.StatusCode = good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return Json.WriteAsync(context, HealthDocument.Of(health, good), Json.Answers.HealthDocument);
    }

    private static Task WriteMetricsAsync(HttpContext context, PipelineMeters meters)
    {
        context.Response.ContentType = PrometheusText.ContentType;
        return context.Response.WriteAsync(PrometheusText.Write(meters), context.RequestAborted);
    }

    private static async Task WriteSnapshotAsync(HttpContext context, DetectionRun run, SnapshotSink snapshots)
    {
        string name = (string)context.GetRouteValue("name")!;
        IReadOnlyList<SourceHealth> sources = run.Health.Sources;
        SourceHealth source = sources.FirstOrDefault(source => source.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw ControlException.NoSuchSource(name, sources.Select(source => source.Name));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(LongestSnapshot);
        try
        {
            byte[] picture = await snapshots.TakeAsync(source.Name, limit.Token);
            context.Response.ContentType = "image/jpeg";
            context.Response.ContentLength = picture.Length;
            await context.Response.Body.WriteAsync(picture, context.RequestAborted);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            string trouble = source.Trouble is { } reason ? $": {reason}" : ".";
            await Problems.WriteAsync(
                context,
                StatusCodes.Status503ServiceUnavailable,
                $"'{name}' gave no frame within {LongestSnapshot.TotalSeconds:F0} s; it is {PipelineMeters.NameOf(source.State)}{trouble}");
        }
    }
}
