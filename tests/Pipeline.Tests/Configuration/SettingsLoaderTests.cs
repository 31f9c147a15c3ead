using Pipeline.Host;
using Pipeline.Host.Configuration;
using Pipeline.Testing;

namespace Pipeline.Tests.Configuration;

public sealed class SettingsLoaderTests : IDisposable
{
    private static readonly Dictionary<string, string?> NoOptions = [];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_ShippedFile_GivesTheDefaultsOfTheCode()
    {
        PipelineSettings shipped = SettingsLoader.Load(Path.Combine(Repository.Root, "appsettings.json"), NoOptions);
        var defaults = new PipelineSettings();

        Assert.Equal(defaults.Model, shipped.Model);
        Assert.Equal(defaults.Inference, shipped.Inference);
        Assert.Equal(defaults.Detection with { Classes = shipped.Detection.Classes }, shipped.Detection);
        Assert.Empty(shipped.Detection.Classes);
        Assert.Equal(defaults.Reading, shipped.Reading);
        Assert.Equal(defaults.Output, shipped.Output);
        Assert.Empty(shipped.Sources);
    }

    [Fact]
    public void Load_FileLocalFileAndOptions_LaterOnesWin()
    {
        string path = Write("""{ "Detection": { "Score": 0.1, "Iou": 0.2 }, "Inference": { "Threads": 3 } }""");
        File.WriteAllText(_folder["settings.local.json"], """{ "Detection": { "Iou": 0.3, "Score": 0.4 } }""");

        PipelineSettings settings = SettingsLoader.Load(path, new Dictionary<string, string?> { ["Detection:Score"] = "0.6" });

        Assert.Equal(3, settings.Inference.Threads);
        Assert.Equal(0.3f, settings.Detection.Iou);
        Assert.Equal(0.6f, settings.Detection.Score);
    }

    [Fact]
    public void Load_FileWhoseNameBeginsWithADot_IsRead()
    {
        File.WriteAllText(_folder[".night.json"], """{ "Detection": { "Score": 0.1, "Iou": 0.2 } }""");
        File.WriteAllText(_folder[".night.local.json"], """{ "Detection": { "Score": 0.3 } }""");

        PipelineSettings settings = SettingsLoader.Load(_folder[".night.json"], NoOptions);

        Assert.Equal((0.3f, 0.2f), (settings.Detection.Score, settings.Detection.Iou));
    }

    [Fact]
    public void Load_ListOnTheCommandLine_ReplacesTheFilesList()
    {
        string path = Write("""{ "Sources": [ { "Uri": "a.mp4", "Name": "a" }, { "Uri": "b.mp4" } ] }""");

        PipelineSettings settings = SettingsLoader.Load(path, new Dictionary<string, string?> { ["Sources:0:Uri"] = "c.mp4" });

        Assert.Equal([new SourceSettings { Uri = "c.mp4" }], settings.Sources);
    }

    [Fact]
    public void Load_PatternOfSeveralSources_IsWrittenOut()
    {
        string path = Write("""{ "Sources": [ { "Uri": "test://64x48@12.5?sources=3&count=9", "Name": "load", "Rotation": 90 }, { "Uri": "0" } ] }""");

        PipelineSettings settings = SettingsLoader.Load(path, NoOptions);

        Assert.Equal(["load-1", "load-2", "load-3", null], settings.Sources.Select(source => source.Name));
        Assert.All(settings.Sources.Take(3), source => Assert.Equal("test://64x48@12.5?count=9", source.Uri));
        Assert.All(settings.Sources.Take(3), source => Assert.Equal(90, source.Rotation));
    }

    [Fact]
    public void Load_PatternOfSeveralSourcesOnTheCommandLine_IsNamedAfterItsKind()
    {
        PipelineSettings settings = SettingsLoader.Load(Write("{ }"), new Dictionary<string, string?> { ["Sources:0:Uri"] = "test://64x48@10?sources=2" });

        Assert.Equal(["test-1", "test-2"], settings.Sources.Select(source => source.Name));
    }

    [Fact]
    public void Load_PatternOfSeveralSourcesIntoOneFile_IsRefused()
    {
        string path = Write("""{ "Sources": [ { "Uri": "test://64x48@10?sources=2" } ], "Output": { "Record": "out.mp4" } }""");

        Assert.Contains("{source}", Assert.Throws<UsageException>(() => SettingsLoader.Load(path, NoOptions)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ListInTheLocalFile_ReplacesTheFilesList()
    {
        string path = Write("""{ "Sources": [ { "Uri": "a.mp4", "Name": "a" }, { "Uri": "b.mp4" } ], "Http": { "Hosts": [ "x", "y" ] } }""");
        File.WriteAllText(SettingsLoader.LocalFile(path), """{ "Sources": [ { "Uri": "c.mp4" } ], "Http": { "Hosts": [] } }""");

        PipelineSettings settings = SettingsLoader.Load(path, NoOptions);

        Assert.Equal([new SourceSettings { Uri = "c.mp4" }], settings.Sources);
        Assert.Empty(settings.Http.Hosts);
    }

    [Theory]
    [InlineData("""{ "Detektion": { } }""", "'Detektion' is not known. Did you mean 'Detection'?")]
    [InlineData("""{ "Detection": { "Skore": 0.5 } }""", "'Detection:Skore' is not known. Did you mean 'Score'?")]
    [InlineData("""{ "Sources": [ { "Url": "0" } ] }""", "'Sources:0:Url' is not known. Did you mean 'Uri'?")]
    [InlineData("""{ "Detection": { "Score": 1.5 } }""", "Detection:Score (--score) is 1.5, which is not allowed: 0 to 1")]
    [InlineData("""{ "Detection": { "Iou": -0.1 } }""", "Detection:Iou (--iou) is -0.1")]
    [InlineData("""{ "Inference": { "Threads": "many" } }""", "Inference:Threads (--threads) is 'many', which is not a whole number.")]
    [InlineData("""{ "Inference": { "Threads": 0 } }""", "Inference:Threads (--threads) is 0, which is not allowed: 1 to 256")]
    [InlineData("""{ "Inference": { "Provider": "gpu" } }""", "one of auto, cpu, cuda, tensorrt, webgpu")]
    [InlineData("""{ "Inference": { "Batch": { "Size": 1 } } }""", "Inference:Batch has keys below it")]
    [InlineData("""{ "Reading": { "Pace": "fast" } }""", "Reading:Pace is 'fast', which is not true or false.")]
    [InlineData("""{ "Reading": { "Duration": "soon" } }""", "which is not a time like 00:05:00, or 30.00:00:00 for days.")]
    [InlineData("""{ "Recording": { "KeepFor": 30 } }""", "Recording:KeepFor is '30', which is not a time like 00:05:00")]
    [InlineData("""{ "Reading": { "Duration": "60.00:00:00" } }""", "Reading:Duration (--duration) is 60.00:00:00, which is not allowed: in seconds, above 0, up to 4294967")]
    [InlineData("""{ "Sources": [ { "Uri": "0" }, { "Uri": "1", "Width": 3 } ] }""", "Sources:1:Width is 3, which is not allowed: 16 to 16384.")]
    [InlineData("""{ "Sources": [ { "Transport": "multicast" } ] }""", "Sources:0:Transport is multicast, which is not allowed: one of auto, tcp, udp.")]
    [InlineData("""{ "Sources": [ { "HardwareDecoding": "cuda" } ] }""", "Sources:0:HardwareDecoding is cuda, which is not allowed: one of off, auto, vaapi, mfx.")]
    [InlineData("""{ "Sources": [ { "PixelFormat": "rgb" } ] }""", "Sources:0:PixelFormat is rgb, which is not allowed: one of yuyv, mjpg.")]
    [InlineData("""{ "Sources": [ { "LowLatency": "very" } ] }""", "Sources:0:LowLatency is 'very', which is not true or false.")]
    [InlineData("""{ "Sources": [ { "Rotation": 45 } ] }""", "Sources:0:Rotation is 45, which is not allowed: one of 0, 90, 180, 270.")]
    [InlineData("""{ "Sources": [ { "MaximumWidth": 8 } ] }""", "Sources:0:MaximumWidth is 8, which is not allowed: 16 to 16384.")]
    [InlineData("""{ "Sources": [ { "MaximumHeight": 0 } ] }""", "Sources:0:MaximumHeight is 0, which is not allowed: 16 to 16384.")]
    [InlineData("""{ "Sources": [ { "Region": { "X": -1 } } ] }""", "Sources:0:Region:X is -1, which is not allowed: 0 to 16384.")]
    [InlineData("""{ "Sources": [ { "Region": { "Width": 0 } } ] }""", "Sources:0:Region:Width is 0, which is not allowed: above 0, up to 16384.")]
    [InlineData("""{ "Sources": [ { "Region": { "Left": 1 } } ] }""", "'Sources:0:Region:Left' is not known.")]
    [InlineData("""{ "Sources": [ { "Uri": "test://64x48@10?sources=0" } ] }""", "asks for 0 sources: 1 to 256 can be made.")]
    [InlineData("""{ "Sources": [ { "Uri": "gst:" } ] }""", "'gst:' has no launch line")]
    [InlineData("""{ "Sources": [ { "Uri": "ftp://x/y" } ] }""", "ftp://, which is not known")]
    [InlineData("""{ "Sources": [ { "Uri": "0" }, { "Uri": "1" } ], "Output": { "Record": "out.mp4" } }""", "{source}")]
    [InlineData("""{ "Detection": 5 }""", "Detection is '5', but takes keys: { \"Score\": … }.")]
    [InlineData("""{ "Detection": [] }""", "Detection is '', but takes keys")]
    [InlineData("""{ "Detection": { "Score": null } }""", "Detection:Score (--score) is null, but needs a value.")]
    [InlineData("""{ "Detection": { "Score": "" } }""", "Detection:Score (--score) is empty")]
    [InlineData("""{ "Detection": { "Classes": "person" } }""", "Detection:Classes is 'person', but takes a list: [ … ], or as a variable PIPELINE_Detection__Classes__0")]
    [InlineData("""{ "Detection": { "Classes": { "a": "person" } } }""", "Detection:Classes has the key 'a', but takes a list")]
    [InlineData("""{ "Detection": { "Classes": [ null ] } }""", "Detection:Classes:0 is null")]
    [InlineData("""{ "Detection": { "Classes": null } }""", "Detection:Classes is null, but takes a list")]
    [InlineData("""{ "Sources": "film.mp4" }""", "Sources is 'film.mp4', but takes a list")]
    [InlineData("""{ "Sources": [ "film.mp4" ] }""", "Sources:0 is 'film.mp4', but takes keys: { \"Uri\": … }.")]
    [InlineData("""{ "Sources": { "Uri": "film.mp4" } }""", "Sources has the key 'Uri', but takes a list")]
    [InlineData("""{ "Model": { "Name": null } }""", "Model:Name is null")]
    [InlineData("""{ "Model": { "Name": "" } }""", "Model:Name is empty")]
    [InlineData("""{ "Output": { "Report": "" } }""", "Output:Report is empty")]
    [InlineData("{ \"Detection\": {\n  \"Score\" 0.5\n} }", "settings.json' is no valid JSON: line 2: ")]
    [InlineData("""{ "Detection": """, "no valid JSON")]
    public void Load_BadFile_NamesWhatIsWrong(string json, string hint)
    {
        string path = Write(json);

        var error = Assert.Throws<UsageException>(() => SettingsLoader.Load(path, NoOptions));

        Assert.Contains(hint, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NullWhereThatIsAValue_TakesIt()
    {
        string path = Write("""{ "Detection": { "Iou": null }, "Output": { "Report": null }, "Sources": [ { "Uri": "0", "Detection": { "Classes": null }, "Region": null } ] }""");

        PipelineSettings settings = SettingsLoader.Load(path, NoOptions);

        Assert.Null(settings.Detection.Iou);
        Assert.Null(settings.Output.Report);
        Assert.Null(settings.Sources[0].Detection!.Classes);
    }

    [Theory]
    [InlineData("Detection_Score", true)]
    [InlineData("SOURCES_0_URI", true)]
    [InlineData("Recording_Folder", true)]
    [InlineData("Detection", false)]
    [InlineData("Detection_Classes", false)]
    [InlineData("Sources_first_Uri", false)]
    [InlineData("CACHE", false)]
    [InlineData("HTTP_PORT", false)]
    public void IsKey_PartsOfAVariable_AreThoseOfASingleValueOrNot(string variable, bool isKey) =>
        Assert.Equal(isKey, SettingsCheck.IsKey(variable.Split('_')));

    [Fact]
    public void Load_FileWithASchema_TakesIt()
    {
        string path = Write("""{ "$schema": "./appsettings.schema.json", "Detection": { "Score": 0.3 } }""");

        Assert.Equal(0.3f, SettingsLoader.Load(path, NoOptions).Detection.Score);
    }

    [Fact]
    public void Load_ValueWithAVariable_TakesItsContent()
    {
        string path = Write("""{ "Sources": [ { "Uri": "rtsp://operator:${GATE_PASSWORD_OF_TEST}@gate/live" } ] }""");
        Environment.SetEnvironmentVariable("GATE_PASSWORD_OF_TEST", "sesame");

        Assert.Equal("rtsp://operator:sesame@gate/live", SettingsLoader.Load(path, NoOptions).Sources[0].Uri);
    }

    [Fact]
    public void Load_ValueWithAVariableThatIsNotThere_NamesKeyAndVariable()
    {
        string path = Write("""{ "Sources": [ { "Uri": "rtsp://operator:${NO_SUCH_PASSWORD}@gate/live" } ] }""");

        var error = Assert.Throws<UsageException>(() => SettingsLoader.Load(path, NoOptions));

        Assert.StartsWith("Sources:0:Uri names ${NO_SUCH_PASSWORD}", error.Message);
    }

    [Fact]
    public void Load_LinkToAFile_TakesTheLocalFileBesideTheTarget()
    {
        Directory.CreateDirectory(_folder["etc"]);
        File.WriteAllText(_folder["etc/settings.json"], """{ "Detection": { "Score": 0.1 } }""");
        File.WriteAllText(_folder["etc/settings.local.json"], """{ "Detection": { "Score": 0.2 } }""");
        File.CreateSymbolicLink(_folder["link.json"], _folder["etc/settings.json"]);

        Assert.Equal(0.2f, SettingsLoader.Load(_folder["link.json"], NoOptions).Detection.Score);
    }

    [Fact]
    public void Load_NoSuchFile_IsRefused() =>
        Assert.Throws<UsageException>(() => SettingsLoader.Load(_folder["missing.json"], NoOptions));

    private string Write(string json)
    {
        File.WriteAllText(_folder["settings.json"], json);
        return _folder["settings.json"];
    }
}
