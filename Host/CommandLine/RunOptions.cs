using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using Pipeline.Host.Configuration;

namespace Pipeline.Host.CommandLine;

/// <summary>The options of a run, and the configuration keys that they set.</summary>
internal sealed class RunOptions
{
    private readonly Option<string[]> _source = new("--source")
    {
        Description = "A webcam (0, /dev/video0), rtsp://, http://, a video, a picture, a folder, test://WxH@FPS, gst:LAUNCH; again for more",
        HelpName = "URI",
    };

    private readonly Option<string?> _config = new("--config") { Description = "The configuration file", HelpName = "PATH" };
    private readonly Option<string?> _duration = new("--duration")
    {
        Description = "End after this time: 30s, 5m, 2h",
        HelpName = "TIME",
    };

    private readonly Option<bool> _everyFrame = new("--every-frame") { Description = "Process every frame (default for files)" };
    private readonly Option<bool> _latest = new("--latest") { Description = "Keep only the newest frame (default for live sources)" };
    private readonly Option<bool> _pace = new("--pace") { Description = "Play files at their own speed" };
    private readonly Option<bool> _loop = new("--loop") { Description = "Start files anew at their end" };
    private readonly Option<bool> _display = new("--display") { Description = "Show each source in a window" };
    private readonly Option<string?> _classes = new("--classes")
    {
        Description = "Only these classes: person,car",
        HelpName = "A,B",
    };

    /// <summary>Options whose text goes into one key as it is.</summary>
    private readonly (Option<string?> Option, string Key)[] _texts =
    [
        (Text("--model", "A model's name, or the path of its .onnx file", "NAME|PATH", Candidates.Models), "Model:Name"),
        (Text("--provider", "auto, cpu, cuda, tensorrt or webgpu", "NAME", Candidates.Providers), "Inference:Provider"),
        (Text("--threads", "Threads of one run of the model", "N"), "Inference:Threads"),
        (Text("--batch", "Frames in one run at most", "N"), "Inference:Batch"),
        (Text("--record", "Record the annotated video; {source} in the path: one file a source", "PATH"), "Output:Record"),
        (Text("--jsonl", "Write one JSON object a frame; - is standard output", "PATH|-"), "Output:JsonLines"),
        (Text("--report", "Write a JSON report at the end", "PATH"), "Output:Report"),
        (Text("--http", "Where to serve health, metrics and control: http://127.0.0.1:8080, or off", "URL|off"), "Http:Url"),
        (Text("--frames", "End each source after this many frames", "N"), "Reading:Frames"),
        (Text("--score", "The least score of a detection, 0 to 1", "T"), "Detection:Score"),
        (Text("--iou", "The greatest overlap of two boxes of a class, 0 to 1", "T"), "Detection:Iou"),
    ];

    /// <summary>Every option, in the order of the help.</summary>
    public IEnumerable<Option> All =>
        [_source, _config, .. _texts.Select(text => text.Option), _classes, _duration, _everyFrame, _latest, _pace, _loop, _display];

    /// <summary>Reads the configuration with the options on top.</summary>
    /// <exception cref="UsageException">A value is not allowed.</exception>
    public PipelineSettings Load(ParseResult result) => SettingsLoader.Load(result.GetValue(_config), Keys(result));

    /// <summary>Where changes that shall outlast a run are written.</summary>
    public LocalSettings LocalSettings(ParseResult result) => new(result.GetValue(_config));

    private static Option<string?> Text(string name, string description, string helpName, Func<IEnumerable<string>>? candidates = null)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = helpName };
        if (candidates is not null)
        {
            option.CompletionSources.Add(_ => candidates().Select(word => new CompletionItem(word)));
        }

        return option;
    }

    private Dictionary<string, string?> Keys(ParseResult result)
    {
        var keys = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        AddList(keys, "Sources", ":Uri", result.GetValue(_source) ?? []);
        foreach ((Option<string?> option, string key) in _texts)
        {
            if (result.GetValue(option) is { } text)
            {
                keys[key] = text;
            }
        }

        if (result.GetValue(_classes) is { } classes)
        {
            AddList(keys, "Detection:Classes", "", classes.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        }

        if (result.GetValue(_duration) is { } duration)
        {
            keys["Reading:Duration"] = Duration.TryParse(duration, out TimeSpan time)
                ? time.ToString("c", CultureInfo.InvariantCulture)
                : throw new UsageException($"--duration is '{duration}', which is no time above 0: write 30s, 5m, 2h or 00:05:00.");
        }

        AddSwitches(keys, result);
        return keys;
    }

    private void AddSwitches(Dictionary<string, string?> keys, ParseResult result)
    {
        bool latest = result.GetValue(_latest);
        if (latest && result.GetValue(_everyFrame))
        {
            throw new UsageException("--latest and --every-frame exclude each other: give one of them.");
        }

        if (latest || result.GetValue(_everyFrame))
        {
            keys["Reading:Latest"] = latest.ToString();
        }

        foreach ((Option<bool> option, string key) in
            new[] { (_pace, "Reading:Pace"), (_loop, "Reading:Loop"), (_display, "Output:Display") })
        {
            if (result.GetValue(option))
            {
                keys[key] = bool.TrueString;
            }
        }
    }

    /// <summary>Sets a list; what the files have for it is replaced, not added to.</summary>
    private static void AddList(Dictionary<string, string?> keys, string list, string suffix, string[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            keys[$"{list}:{i}{suffix}"] = values[i];
        }
    }
}
