using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pipeline.Capture;
using Pipeline.Host.Running;
using Pipeline.Inference;
using Pipeline.Render;

namespace Pipeline.Host.Http;

/// <summary>
/// Turns whatever an endpoint throws into problem details, what the caller did wrong by its sentence and a fault without any;
/// and the bare statuses of the routing too.
/// </summary>
internal sealed partial class ErrorMiddleware(RequestDelegate next, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("Pipeline.Http");

    /// <summary>Handles one request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (!context.Response.HasStarted && BareProblem(context) is { } detail)
            {
                await Problems.WriteAsync(context, context.Response.StatusCode, detail);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there any more to be answered.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await Problems.WriteAsync(context, StatusOf(e), IsTheirs(e) ? e.Message : Fault(context, e));
        }
    }

    private static string? BareProblem(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {context.Request.Path}. GET /openapi.json says what there is.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Path} takes {context.Response.Headers.Allow} only.",
        _ => null,
    };

    private static bool IsTheirs(Exception exception) =>
        exception is UsageException or SourceException or ModelException or OutputException or ControlException or BadHttpRequestException;

    private static int StatusOf(Exception exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        UsageException or SourceException or ModelException => StatusCodes.Status400BadRequest,
        ControlException { Fault: ControlFault.NoSuchSource } => StatusCodes.Status404NotFound,
        ControlException { Fault: ControlFault.RunEnding } => StatusCodes.Status503ServiceUnavailable,
        ControlException or OutputException => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status500InternalServerError,
    };

    private string Fault(HttpContext context, Exception exception)
    {
        Log.Failed(_logger, context.Request.Method, context.Request.Path, SourceAddress.Redact(exception.Message));
        return "A fault inside; the log has it.";
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed: {Reason}")]
        public static partial void Failed(ILogger logger, string method, string path, string reason);
    }
}
