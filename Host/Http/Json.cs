using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Host.Http;

/// <summary>Reads and writes the bodies of requests and answers.</summary>
internal static class Json
{
    private static readonly JsonDocumentOptions OnceEach = new() { AllowDuplicateProperties = false };

    /// <summary>
    /// The types of answers. They are JSON and said to be nothing else, so that quotation marks need no escapes for web pages.
    /// </summary>
    public static ApiJson Answers { get; } =
        new(new JsonSerializerOptions(ApiJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Writes an answer.</summary>
    public static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type) =>
        context.Response.WriteAsJsonAsync(value, type, cancellationToken: context.RequestAborted);

    /// <summary>Reads a request's body.</summary>
    /// <exception cref="BadHttpRequestException">It is no JSON object, has a key twice, or is too large.</exception>
    public static async Task<JsonObject> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new BadHttpRequestException(
                "The body must be JSON, with the header 'Content-Type: application/json'.", StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            JsonNode? body = await JsonNode.ParseAsync(context.Request.Body, nodeOptions: null, OnceEach, context.RequestAborted);
            return body as JsonObject
                ?? throw new BadHttpRequestException($"The body must be a JSON object; it is {body?.GetValueKind().ToString().ToLowerInvariant() ?? "null"}.");
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException($"The body is no good JSON: {e.Message}", e);
        }
    }

    /// <summary>
    /// Lays a part of some settings over them, as a JSON merge patch (RFC 7396): what is not named stays, null takes a value
    /// back to its default.
    /// </summary>
    /// <remarks>
    /// New settings are read in this way too: what a body leaves out would otherwise be null, since generated serialisation does
    /// not see what properties are initialised with.
    /// </remarks>
    /// <exception cref="BadHttpRequestException">A key is not known, or a value is of the wrong kind.</exception>
    public static T Merge<T>(T settings, JsonObject patch, JsonTypeInfo<T> type)
        where T : class, new()
    {
        JsonObject merged = JsonSerializer.SerializeToNode(settings, type)!.AsObject();
        Merge(merged, patch, (JsonTypeInfo)type);
        try
        {
            return merged.Deserialize(type)!;
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException($"The body is not what is wanted here: {e.Message}", e);
        }
    }

    private static void Merge(JsonObject target, JsonObject patch, JsonTypeInfo type)
    {
        JsonObject defaults = DefaultsOf(type);
        foreach ((string key, JsonNode? value) in patch)
        {
            if (value is JsonObject part && SectionAt(type, key) is { } section)
            {
                // One that was not there begins with what it has by itself.
                if (target[key] is not JsonObject whole)
                {
                    target[key] = whole = DefaultsOf(section);
                }

                Merge(whole, part, section);
            }
            else
            {
                target[key] = (value ?? defaults[key])?.DeepClone();
            }
        }
    }

    /// <summary>What settings are in which nobody has set anything.</summary>
    private static JsonObject DefaultsOf(JsonTypeInfo type) =>
        JsonSerializer.SerializeToNode(Activator.CreateInstance(type.Type), type)!.AsObject();

    /// <summary>The settings that a key has below it; null where it has a value or is not known.</summary>
    private static JsonTypeInfo? SectionAt(JsonTypeInfo type, string key) =>
        type.Properties.FirstOrDefault(property => property.Name == key) is { } property
        && type.Options.GetTypeInfo(property.PropertyType) is { Kind: JsonTypeInfoKind.Object } section
            ? section
            : null;
}
