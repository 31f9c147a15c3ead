using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pipeline.Render;

namespace Pipeline.Host.Http;

/// <summary>What was recorded: /recordings lists it, /recordings/SOURCE/FILE gives it, in ranges where a player wants them.</summary>
internal sealed class RecordingEndpoints
{
    /// <summary>Recordings in one answer at most, the newest; older ones by their times.</summary>
    private const int MostListed = 1000;

    private const string ContentType = "video/mp4";

    private readonly Func<RecordingIndex?> _index;

    private RecordingEndpoints(Func<RecordingIndex?> index) => _index = index;

    /// <summary>Maps them.</summary>
    /// <param name="routes">Where to.</param>
    /// <param name="index">What there is at present; null where the run does not record into a folder.</param>
    public static void Map(IEndpointRouteBuilder routes, Func<RecordingIndex?> index)
    {
        var endpoints = new RecordingEndpoints(index);
        routes.MapGet("/recordings", endpoints.ListAsync);
        routes.MapGet("/recordings/{source}/{file}", endpoints.SendAsync);
    }

    private static DateTimeOffset? Time(HttpContext context, string key)
    {
        string? text = context.Request.Query[key];
        if (text is null)
        {
            return null;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw new BadHttpRequestException($"'{key}' is '{text}', which is no time: write 2026-11-21T10:00Z.");
    }

    private static int Last(HttpContext context)
    {
        string? text = context.Request.Query["last"];
        return text is null ? MostListed
            : int.TryParse(text, CultureInfo.InvariantCulture, out int last) && last is >= 1 and <= MostListed ? last
            : throw new BadHttpRequestException($"'last' is '{text}', which is not allowed: 1 to {MostListed}.");
    }

    private Task ListAsync(HttpContext context)
    {
        var query = new RecordingQuery(
            context.Request.Query["source"], context.Request.Query["class"], Time(context, "from"), Time(context, "to"), Last(context));
        RecordingDocument[] recordings = [.. (_index()?.Find(query) ?? []).Select(RecordingDocument.Of)];
        return Json.WriteAsync(context, recordings, Json.Answers.RecordingDocumentArray);
    }

    private Task SendAsync(HttpContext context)
    {
        // The index alone decides: a path that it does not have, whatever is in it, is no recording.
        string path = Path.Combine((string)context.GetRouteValue("source")!, (string)context.GetRouteValue("file")!);
        if (_index() is not { } index || index.Get(path) is not { } recording)
        {
            return Problems.WriteAsync(context, StatusCodes.Status404NotFound, "There is no such recording. GET /recordings lists what there is.");
        }

        var file = new FileInfo(Path.Combine(index.Folder, recording.Path));
        return file.Exists
            ? Results.File(file.FullName, ContentType, lastModified: new DateTimeOffset(file.LastWriteTimeUtc), enableRangeProcessing: true).ExecuteAsync(context)
            : Problems.WriteAsync(context, StatusCodes.Status410Gone, "The recording was deleted, to make room for new ones.");
    }
}
