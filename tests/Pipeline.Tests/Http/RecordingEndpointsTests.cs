using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Pipeline.Tests.Http;

/// <summary>Recordings over HTTP: listed, given in ranges, and nothing else of the disk.</summary>
public sealed class RecordingEndpointsTests
{
    [Fact]
    public async Task Recordings_SourceRemoved_AreListedAndGivenWholeAndInRanges()
    {
        await using ServedRun served = await RecordAsync();

        JsonNode recording = Assert.Single((await served.GetAsync("recordings?source=gate&class=thing")).AsArray())!;
        string url = (string)recording["url"]!;
        byte[] whole = await served.Client.GetByteArrayAsync(url);

        Assert.Equal((long)recording["bytes"]!, whole.Length);
        Assert.Equal("ftyp"u8.ToArray(), whole[4..8]);
        Assert.Empty((await served.GetAsync("recordings?class=car")).AsArray());
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(4, 7) } };
        HttpResponseMessage part = await served.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(whole[4..8], await part.Content.ReadAsByteArrayAsync());
        Assert.Equal("video/mp4", part.Content.Headers.ContentType!.MediaType);
        using var beyond = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(whole.Length, null) } };
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, (await served.Client.SendAsync(beyond)).StatusCode);
    }

    [Theory]
    [InlineData("recordings/gate/none.mp4")]
    [InlineData("recordings/gate/..%2F..%2Fappsettings.local.json")]
    [InlineData("recordings/..%2F..%2F..%2Fetc/passwd")]
    [InlineData("recordings/%2Fetc/passwd")]
    [InlineData("recordings/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("recordings/./.lock")]
    public async Task Recording_PathThatIsNone_IsNotFound(string path)
    {
        await using ServedRun served = await RecordAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await served.Client.GetAsync(path)).StatusCode);
    }

    [Theory]
    [InlineData("from=yesterday", "'from' is 'yesterday'")]
    [InlineData("last=0", "1 to 1000")]
    [InlineData("last=many", "1 to 1000")]
    public async Task Recordings_WrongQuery_SaysWhatIsWanted(string query, string hint)
    {
        await using ServedRun served = await ServedRun.StartAsync();

        await ServedRun.AssertProblemAsync(await served.Client.GetAsync($"recordings?{query}"), HttpStatusCode.BadRequest, hint);
    }

    [Fact]
    public async Task Recordings_NothingIsRecorded_AreNone()
    {
        await using ServedRun served = await ServedRun.StartAsync();

        Assert.Empty((await served.GetAsync("recordings")).AsArray());
    }

    [Fact]
    public async Task Recording_FileWasDeleted_IsGone()
    {
        await using ServedRun served = await RecordAsync();
        string url = (string)(await served.GetAsync("recordings"))[0]!["url"]!;
        Directory.Delete(Path.Combine(served.Run.Recordings!.Folder, "gate"), recursive: true);

        Assert.Equal(HttpStatusCode.Gone, (await served.Client.GetAsync(url)).StatusCode);
    }

    /// <summary>Records a moment of the source, and removes it, which completes the recording.</summary>
    private static async Task<ServedRun> RecordAsync()
    {
        ServedRun served = await ServedRun.StartAsync(record: true);
        await served.Client.GetAsync("snapshot/gate.jpg");
        await served.Client.GetAsync("snapshot/gate.jpg");
        HttpResponseMessage removed = await served.Client.DeleteAsync("api/sources/gate");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        return served;
    }
}
