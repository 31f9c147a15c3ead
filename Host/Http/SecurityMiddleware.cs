using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Pipeline.Host.Http;

/// <summary>Puts every request before the access policy, and the headers that browsers obey on every answer.</summary>
internal sealed class SecurityMiddleware(RequestDelegate next, AccessPolicy policy)
{
    /// <summary>Handles one request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        Protect(context.Response.Headers);
        return Decide(context) switch
        {
            Access.Granted => next(context),
            Access.ForeignHost => Problems.WriteAsync(
                context, StatusCodes.Status403Forbidden, "The server is not called by this name: use its address, or add the name to Http:Hosts."),
            Access.ForeignOrigin => Problems.WriteAsync(
                context, StatusCodes.Status403Forbidden, "Pages of other origins may not call this server."),
            Access.TooManyFailures => RefuseForNow(context),
            _ => AskForToken(context),
        };
    }

    private static void Protect(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    private static Task AskForToken(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.WriteAsync(context, StatusCodes.Status401Unauthorized, "The request needs the header 'Authorization: Bearer TOKEN' with the token of Http:Token.");
    }

    private static Task RefuseForNow(HttpContext context)
    {
        context.Response.Headers.RetryAfter = $"{FailureLimiter.Window.TotalSeconds:F0}";
        return Problems.WriteAsync(context, StatusCodes.Status429TooManyRequests, "Too many wrong tokens came from this address. Wait a minute.");
    }

    private static string? Single(StringValues header) => header.Count == 0 ? null : header.ToString();

    private Access Decide(HttpContext context)
    {
        HttpRequest request = context.Request;
        return policy.Decide(
            context.Connection.RemoteIpAddress ?? IPAddress.None,
            request.Host.Host,
            request.Host.Value ?? "",
            Single(request.Headers.Origin),
            Single(request.Headers["Sec-Fetch-Site"]),
            Single(request.Headers.Authorization));
    }
}
