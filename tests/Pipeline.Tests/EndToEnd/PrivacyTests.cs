using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>A run that fails in every way, with a password in each address: it stands nowhere in what the program says.</summary>
public sealed class PrivacyTests : IDisposable
{
    private const string Password = "s3same-0pen";
    private const string Credentials = "watchman:" + Password;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_EverySourceFails_ShowsNoPasswordAnywhere()
    {
        using RtspCamera refusing = await RtspCamera.StartAsync("--user", "watchman", "--password", "another");
        using RtspCamera absent = await RtspCamera.StartAsync("--user", "watchman", "--password", Password, "--mode", "404");
        using RtspCamera silent = await RtspCamera.StartAsync("--mode", "hang");
        using RtspCamera mute = await RtspCamera.StartAsync("--mode", "mute");
        using RtspCamera junk = await RtspCamera.StartAsync("--mode", "junk:1");
        string[] addresses =
        [
            refusing.Uri(Credentials),
            absent.Uri(Credentials),
            silent.Uri(Credentials),
            mute.Uri(Credentials),
            junk.Uri(Credentials),
            $"http://{Credentials}@127.0.0.1:{RtspCamera.FreePort()}/live",
            $"rtsps://{Credentials}@camera.invalid/live",
            $"gst:rtspsrc location=rtsp://{Credentials}@127.0.0.1:1/live user-id=watchman user-pw={Password} ! fakesink videotestsrc pattren=1",
            $"gst:rtspsrc location=rtsp://{Credentials}@127.0.0.1:1/live user-id=watchman user-pw=\"{Password}\" ! rtph264depay ! fakesink videotestsrc",
        ];

        CommandResult result = await PipelineProgram.RunAsync(
            [
                "run", "--verbose", "--duration", "12s", "--jsonl", _folder["out.jsonl"], "--report", _folder["report.json"],
                .. addresses.SelectMany(address => new[] { "--source", address }),
            ]);

        string written = string.Concat(Directory.GetFiles(_folder.Path).Select(File.ReadAllText));
        Assert.Contains("refuses the user name or the password", result.Error, StringComparison.Ordinal);
        Assert.Contains("404 Not Found", result.Error, StringComparison.Ordinal);
        Assert.Contains("rtsp://***@127.0.0.1", written, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, result.Output + result.Error + written, StringComparison.Ordinal);
        Assert.DoesNotContain("watchman", result.Output + result.Error + written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_AddressWhereAListBelongs_ShowsNoPassword()
    {
        await File.WriteAllTextAsync(_folder["settings.json"], $$"""{ "Sources": "rtsp://{{Credentials}}@gate/live" }""");

        CommandResult result = await PipelineProgram.RunAsync("doctor", "--config", _folder["settings.json"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("rtsp://***@gate/live", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, result.Output + result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rtmp://" + Credentials + "@camera/live")]
    [InlineData("rtsp://" + Credentials + "@")]
    [InlineData("rtsp://" + Credentials + "@:99999/live")]
    [InlineData("http://" + Credentials + "@ camera/live")]
    public async Task Run_MalformedAddress_ExitsWith2AndShowsNoPassword(string address)
    {
        CommandResult result = await PipelineProgram.RunAsync("run", "--verbose", "--source", address);

        Assert.Equal(2, result.ExitCode);
        Assert.DoesNotContain(Password, result.Output + result.Error, StringComparison.Ordinal);
    }
}
