using Pipeline.Host.Configuration;
using Pipeline.Testing;

namespace Pipeline.Tests.Configuration;

public sealed class LocalSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_BackToDefaults_BeatsWhatAppsettingsSays()
    {
        File.WriteAllText(_folder["appsettings.json"], """
            { "Detection": { "Score": 0.6, "Iou": 0.3, "Classes": [ "person" ] }, "Sources": [ { "Uri": "0", "Rotation": 90 } ] }
            """);

        new LocalSettings(_folder["appsettings.json"]).Write(new PipelineSettings { Sources = [new SourceSettings { Uri = "0" }] });

        PipelineSettings next = SettingsLoader.Load(_folder["appsettings.json"], new Dictionary<string, string?>());
        Assert.Equal(new DetectionSettings().Score, next.Detection.Score);
        Assert.Null(next.Detection.Iou);
        Assert.Empty(next.Detection.Classes);
        Assert.Equal([new SourceSettings { Uri = "0" }], next.Sources);
    }

    [Fact]
    public void Write_AddressThatNamesItsPassword_KeepsTheName()
    {
        // Any variable will do for a password.
        const string address = "rtsp://ada:${PATH}@gate/stream";
        File.WriteAllText(_folder["appsettings.json"], $$"""{ "Sources": [ { "Uri": "{{address}}" }, { "Uri": "rtsp://yard/" } ] }""");
        PipelineSettings settings = SettingsLoader.Load(_folder["appsettings.json"], new Dictionary<string, string?>());
        Assert.DoesNotContain("${PATH}", settings.Sources[0].Uri, StringComparison.Ordinal);

        new LocalSettings(_folder["appsettings.json"]).Write(settings with { Sources = [settings.Sources[1], settings.Sources[0]] });

        string written = File.ReadAllText(_folder["appsettings.local.json"]);
        Assert.Contains(address, written, StringComparison.Ordinal);
        Assert.Equal(
            settings.Sources.Reverse(), SettingsLoader.Load(_folder["appsettings.json"], new Dictionary<string, string?>()).Sources);
    }
}
