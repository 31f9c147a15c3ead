using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Pipeline.Host.CommandLine;

/// <summary>The library's help, with examples below it.</summary>
/// <param name="help">The library's.</param>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    private const string ExitCodes = """
        Exit codes:
          0  done
          1  a fault inside, or something is missing (doctor)
          2  wrong usage or configuration
          3  no source could be read
          4  the model can't be used
          5  an output can't be written

        """;

    /// <summary>By the command's name; the program itself has the empty one.</summary>
    private static readonly Dictionary<string, string[]> Examples = new(StringComparer.Ordinal)
    {
        [""] =
        [
            "ssd-pipeline run --source 0 --display                 a webcam, in a window",
            "ssd-pipeline doctor                                   what this machine lacks",
            "ssd-pipeline run --help                               every option of a command",
        ],
        ["run"] =
        [
            "ssd-pipeline run --source 0 --display",
            "ssd-pipeline run --source rtsp://user:password@camera/stream --record camera.mp4 --jsonl camera.jsonl",
            "ssd-pipeline run --source 0 --source film.mp4 --classes person,car --duration 10m --record '{source}.mp4'",
            "ssd-pipeline run --source film.mp4 --jsonl - | jq -c 'select(.detections | length > 0)'",
        ],
        ["models"] =
        [
            "ssd-pipeline models list",
            "ssd-pipeline models inspect ssdlite_mobilenet_v2_coco",
        ],
        ["import"] = ["ssd-pipeline models import", "ssd-pipeline models import path/to/model.json"],
        ["build"] = ["ssd-pipeline models build ssd300-vgg16 --weights ssd300.safetensors"],
        ["quantize"] = ["ssd-pipeline models quantize ssdlite_mobilenet_v2_coco --calibrate film.mp4"],
        ["recordings"] =
        [
            "ssd-pipeline recordings list --last 10",
            "ssd-pipeline recordings list --source gate --class person --from 2026-11-21T08:00 --json",
        ],
        ["bench"] = ["ssd-pipeline bench --source film.mp4 --json bench.json"],
        ["doctor"] = ["ssd-pipeline doctor", "ssd-pipeline doctor --json | jq -r '.findings[] | select(.level == \"missing\").mend'"],
        ["service"] =
        [
            "ssd-pipeline service print                            what install would do",
            "sudo ssd-pipeline service install",
            "ssd-pipeline service status",
        ],
        ["completion"] =
        [
            "source <(ssd-pipeline completion bash)                this shell; for all: put the line into ~/.bashrc",
            "ssd-pipeline completion zsh > ~/.zfunc/_ssd-pipeline  a folder of $fpath",
            "ssd-pipeline completion fish > ~/.config/fish/completions/ssd-pipeline.fish",
        ],
    };

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int code = help.Invoke(parseResult);
        bool isProgram = parseResult.CommandResult == parseResult.RootCommandResult;
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (Examples.TryGetValue(isProgram ? "" : parseResult.CommandResult.Command.Name, out string[]? examples))
        {
            output.WriteLine("Examples:");
            foreach (string example in examples)
            {
                output.WriteLine($"  {example}");
            }

            output.WriteLine();
        }

        output.Write(isProgram ? ExitCodes : "");
        return code;
    }
}
