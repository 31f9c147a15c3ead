using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pipeline.Host.Configuration;

namespace Pipeline.Tests.Http;

/// <summary>A run is changed over HTTP, and every wrong way to do it is refused without a trace.</summary>
public sealed partial class ControlEndpointsTests
{
    private const string Camera = """{ "uri": "test://64x48@50", "name": "yard" }""";

    [Fact]
    public async Task PostSource_Camera_IsAddedAndDelivers()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        HttpResponseMessage response = await served.SendAsync(HttpMethod.Post, "api/sources", Camera);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("/api/sources/yard", response.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.OK, (await served.Client.GetAsync("snapshot/yard.jpg")).StatusCode);
        Assert.Equal(["gate", "yard"], (await served.GetAsync("api/sources")).AsArray().Select(source => (string)source!["name"]!));
    }

    [Fact]
    public async Task GetSource_WithPassword_NeverShowsIt()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        await served.SendAsync(HttpMethod.Post, "api/sources", """{ "uri": "rtsp://u:geheim@127.0.0.1:1/cam", "name": "yard" }""");

        string all = await served.Client.GetStringAsync("api/sources") + await served.Client.GetStringAsync("api/status") + await served.Client.GetStringAsync("healthz");

        Assert.Contains("rtsp://***@127.0.0.1:1/cam", all, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", all, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "uri": "/etc/passwd" }""", "Over HTTP a source can be")]
    [InlineData("""{ "uri": "film.mp4" }""", "Over HTTP a source can be")]
    [InlineData("""{ "uri": "gst:videotestsrc ! filesink location=/tmp/x" }""", "Over HTTP a source can be")]
    [InlineData("""{ "uri": "test://0x0@0" }""", "test://")]
    [InlineData("""{ "uri": "test://64x48@5?sources=200" }""", "one source")]
    [InlineData("""{ "uri": "" }""", "")]
    [InlineData("""{ "uri": "rtsp://collector.example/${HOME}" }""", "Secrets")]
    [InlineData("""{ "url": "0" }""", "url")]
    [InlineData("""{ "uri": "0", "uri": "1" }""", "uri")]
    [InlineData("""{ "uri": "0", "width": "wide" }""", "width")]
    [InlineData("""{ "uri": "0", "width": 3 }""", "Width is 3, which is not allowed")]
    [InlineData("""{ "uri": """, "no good JSON")]
    [InlineData("null", "it is null")]
    [InlineData("[]", "it is array")]
    [InlineData("", "no good JSON")]
    public async Task PostSource_Wrong_IsRefusedWithTheReason(string body, string hint)
    {
        await using ServedRun served = await ServedRun.StartAsync();
        await ServedRun.AssertProblemAsync(await served.SendAsync(HttpMethod.Post, "api/sources", body), HttpStatusCode.BadRequest, hint);

        Assert.Single((await served.GetAsync("api/sources")).AsArray());
    }

    [Fact]
    public async Task PostSource_NameTaken_IsAConflict()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        await ServedRun.AssertProblemAsync(
            await served.SendAsync(HttpMethod.Post, "api/sources", """{ "uri": "test://64x48@50", "name": "gate" }"""), HttpStatusCode.Conflict, "'gate' already");
    }

    [Fact]
    public async Task PostSource_NoJson_IsUnsupported()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        await ServedRun.AssertProblemAsync(
            await served.SendAsync(HttpMethod.Post, "api/sources", Camera, "text/plain"), HttpStatusCode.UnsupportedMediaType, "application/json");
    }

    [Fact]
    public async Task PostSource_HugeBody_IsTooLarge()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        await ServedRun.AssertProblemAsync(
            await served.SendAsync(HttpMethod.Post, "api/sources", $$"""{ "uri": "{{new string('x', 100_000)}}" }"""), HttpStatusCode.RequestEntityTooLarge, "too large");
    }

    [Fact]
    public async Task PatchSource_PausedAndResumed_SaysSo()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        await served.Client.GetAsync("snapshot/gate.jpg");

        HttpResponseMessage paused = await served.SendAsync(HttpMethod.Patch, "api/sources/gate", """{ "paused": true }""");
        Assert.Equal("paused", (string)(await ServedRun.ReadAsync(paused))["state"]!);

        HttpResponseMessage resumed = await served.SendAsync(HttpMethod.Patch, "api/sources/gate", """{ "paused": false }""");
        Assert.Equal(HttpStatusCode.OK, resumed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await served.Client.GetAsync("snapshot/gate.jpg")).StatusCode);
    }

    [Fact]
    public async Task PatchSource_SomeSettings_LeavesTheOthers()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        HttpResponseMessage response = await served.SendAsync(HttpMethod.Patch, "api/sources/gate", """{ "maximumRate": 5, "detection": { "score": 0.7 } }""");

        JsonNode settings = (await ServedRun.ReadAsync(response))["settings"]!;
        Assert.Equal(5, (double)settings["maximumRate"]!);
        Assert.Equal("test://320x240@50", (string)settings["uri"]!);
        Assert.Equal(0.7f, served.Run.Control.Settings.Sources[0].Detection!.Score);

        await served.SendAsync(HttpMethod.Patch, "api/sources/gate", """{ "maximumRate": null }""");
        Assert.Null(served.Run.Control.Settings.Sources[0].MaximumRate);
        Assert.Equal(0.7f, served.Run.Control.Settings.Sources[0].Detection!.Score);
    }

    [Theory]
    [InlineData("rtsp://u:geheim@127.0.0.1:1/cam")]
    [InlineData("file:///no/such/film.mp4")]
    public async Task PatchSource_SettingsAsTheyWereShown_KeepsItsAddress(string uri)
    {
        await using ServedRun served = await ServedRun.StartAsync();
        await served.Run.Control.ChangeSourceAsync("gate", source => source with { Uri = uri });
        JsonObject settings = (await served.GetAsync("api/sources/gate"))["settings"]!.AsObject();

        settings["maximumRate"] = 5;
        await ServedRun.ReadAsync(await served.SendAsync(HttpMethod.Patch, "api/sources/gate", settings.ToJsonString()));

        SourceSettings gate = served.Run.Control.Settings.Sources[0];
        Assert.Equal((uri, 5), (gate.Uri, gate.MaximumRate));
    }

    [Fact]
    public async Task PatchSource_PartOfWhatItHadNotSet_LeavesTheRestAtItsDefaults()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        HttpResponseMessage response = await served.SendAsync(
            HttpMethod.Patch, "api/sources/gate", """{ "recording": { "when": "events" }, "region": { "x": 0.5, "width": 0.5 } }""");

        await ServedRun.ReadAsync(response);
        SourceSettings gate = served.Run.Control.Settings.Sources[0];
        Assert.Equal(new SourceRecordingSettings { When = "events" }, gate.Recording);
        Assert.Equal(new RegionSettings { X = 0.5, Width = 0.5 }, gate.Region);

        // And null takes a part of it back to what it was at first.
        await ServedRun.ReadAsync(await served.SendAsync(HttpMethod.Patch, "api/sources/gate", """{ "region": { "width": null } }"""));
        Assert.Equal(new RegionSettings { X = 0.5 }, served.Run.Control.Settings.Sources[0].Region);
    }

    [Theory]
    [InlineData("api/sources/gate", """{ "paused": "yes" }""", HttpStatusCode.BadRequest, "true or false")]
    [InlineData("api/sources/gate", """{ "uri": "/etc/passwd" }""", HttpStatusCode.BadRequest, "Over HTTP a source can be")]
    [InlineData("api/sources/gate", """{ "sped": 5 }""", HttpStatusCode.BadRequest, "sped")]
    [InlineData("api/sources/gaet", """{ "paused": true }""", HttpStatusCode.NotFound, "Did you mean 'gate'?")]
    [InlineData("api/sources/gate?persist=maybe", """{ "paused": true }""", HttpStatusCode.BadRequest, "'persist' must be")]
    [InlineData("api/settings", """{ "score": 1.5 }""", HttpStatusCode.BadRequest, "Detection:Score")]
    [InlineData("api/settings", """{ "classes": "thing" }""", HttpStatusCode.BadRequest, "classes")]
    [InlineData("api/settings", """{ "classes": [ null ] }""", HttpStatusCode.BadRequest, "Detection:Classes:0 is null")]
    public async Task Patch_Wrong_IsRefusedAndChangesNothing(string path, string body, HttpStatusCode status, string hint)
    {
        await using ServedRun served = await ServedRun.StartAsync();
        PipelineSettings before = served.Run.Control.Settings;

        await ServedRun.AssertProblemAsync(await served.SendAsync(HttpMethod.Patch, path, body), status, hint);

        Assert.Same(before, served.Run.Control.Settings);
        Assert.NotEqual("paused", (string)(await served.GetAsync("api/sources/gate"))["state"]!);
    }

    [Fact]
    public async Task DeleteSource_ThereOnce_IsGoneAndThenUnknown()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await served.Client.DeleteAsync("api/sources/gate")).StatusCode);

        Assert.Empty((await served.GetAsync("api/sources")).AsArray());
        await ServedRun.AssertProblemAsync(await served.Client.DeleteAsync("api/sources/gate"), HttpStatusCode.NotFound, "There is no source 'gate'");
    }

    [Fact]
    public async Task PatchSettings_Threshold_IsWhatCountsFromThenOn()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        HttpResponseMessage response = await served.SendAsync(HttpMethod.Patch, "api/settings", """{ "score": 0.25 }""");

        Assert.Equal(0.25f, (float)(await ServedRun.ReadAsync(response))["score"]!);
        Assert.Equal(0.25f, (float)(await served.GetAsync("api/settings"))["score"]!);
        Assert.Equal(0.25f, served.Run.Control.Settings.Detection.Score);
    }

    /// <summary>No two sources have names that differ in nothing else.</summary>
    [Fact]
    public async Task Source_NamedInOtherLetters_IsFound()
    {
        await using ServedRun served = await ServedRun.StartAsync();

        Assert.Equal("gate", (string?)(await served.GetAsync("api/sources/Gate"))["name"]);
        Assert.Equal(HttpStatusCode.OK, (await served.Client.GetAsync("snapshot/GATE.jpg")).StatusCode);
        Assert.Equal(
            HttpStatusCode.OK, (await served.SendAsync(HttpMethod.Patch, "api/sources/gAte", """{ "maximumRate": 5 }""")).StatusCode);
    }

    [Fact]
    public async Task Change_NotPersisted_WritesNothing()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        await served.SendAsync(HttpMethod.Patch, "api/settings", """{ "score": 0.25 }""");

        Assert.False(File.Exists(served.LocalFile));
    }

    [Fact]
    public async Task Change_Persisted_IsWhatTheNextStartReads()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        await File.WriteAllTextAsync(served.LocalFile, """
            {
              // Whatever else is here stays.
              "inference": { "Threads": 3 },
              "sources": [ { "Uri": "0" } ],
            }
            """);

        await served.SendAsync(HttpMethod.Patch, "api/settings", """{ "score": 0.25 }""");
        await served.SendAsync(HttpMethod.Post, "api/sources?persist=true", """{ "uri": "rtsp://u:geheim@127.0.0.1:1/cam", "name": "yard" }""");

        PipelineSettings next = SettingsLoader.Load(served.LocalFile, new Dictionary<string, string?>(StringComparer.Ordinal));
        Assert.Equal(3, next.Inference.Threads);
        Assert.Equal(0.25f, next.Detection.Score);
        Assert.Equal(["test://320x240@50", "rtsp://u:geheim@127.0.0.1:1/cam"], next.Sources.Select(source => source.Uri));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(served.LocalFile));
    }

    [Fact]
    public async Task OpenApi_EveryPathAndMethod_IsThere()
    {
        await using ServedRun served = await ServedRun.StartAsync();
        JsonObject paths = (await served.GetAsync("openapi.json"))["paths"]!.AsObject();

        foreach ((string path, JsonNode? methods) in paths)
        {
            foreach (string method in methods!.AsObject().Select(entry => entry.Key).Where(key => key != "parameters"))
            {
                HttpResponseMessage response = await served.SendAsync(
                    new HttpMethod(method.ToUpperInvariant()), Placeholder().Replace(path, "nobody")[1..], method == "get" ? null : "{}");
                Assert.True(response.StatusCode != HttpStatusCode.MethodNotAllowed, $"{method} {path}");
                Assert.DoesNotContain("There is nothing at", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }
    }

    [GeneratedRegex(@"\{\w+\}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
