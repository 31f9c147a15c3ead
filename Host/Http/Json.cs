using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Host.Http;

/// <summary>Reads and writes the bodies of requests and answers.</summary>
internal static class Json
{
    /// <summary>Writes an answer.</summary>
    public static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type) =>
        context.Response.WriteAsJsonAsync(value, type, cancellationToken: context.RequestAborted);

    /// <summary>Reads a request's body.</summary>
    /// <exception cref="BadHttpRequestException">It is no JSON, has a key that is not known, or is too large.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new BadHttpRequestException(
                "The body must be JSON, with the header 'Content-Type: application/json'.", StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            return await context.Request.ReadFromJsonAsync(type, context.RequestAborted)
                ?? throw new BadHttpRequestException("The body must be a JSON object; it is null.");
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException($"The body is not what is wanted here: {e.Message}", e);
        }
    }
}
