using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Pipeline.Capture;

namespace Pipeline.Host.Http;

/// <summary>Errors as problem details (RFC 9457): a status, its title, and a sentence that says what to do.</summary>
internal static class Problems
{
    private const string ContentType = "application/problem+json";

    /// <summary>Answers a request with an error.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="detail">What is wrong, with which value, and what to do. Credentials are taken out.</param>
    public static Task WriteAsync(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        var problem = new Problem(ReasonPhrases.GetReasonPhrase(status), status, SourceAddress.Redact(detail));
        return context.Response.WriteAsJsonAsync(problem, Json.Answers.Problem, ContentType, context.RequestAborted);
    }
}

/// <summary>An error's body.</summary>
/// <param name="Title">The status in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong and what to do.</param>
internal sealed record Problem(string Title, int Status, string Detail);
