using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Pipeline.Capture;
using Pipeline.Host.Service;
using Pipeline.Inference;
using Pipeline.PostProcess;
using Pipeline.Render;

namespace Pipeline.Host.CommandLine;

/// <summary>The program's command line: parses, runs, and turns every error into one line and an exit code.</summary>
internal sealed class ProgramCommand
{
    private readonly RootCommand _root;
    private readonly VerbosityOptions _verbosity = new();

    /// <summary>Makes the tree of commands.</summary>
    public ProgramCommand()
    {
        _root = new RootCommand("Real-time object detection with SSD on webcams, RTSP cameras and files.")
        {
            RunCommand.Create(_verbosity),
            ModelsCommand.Create(),
            RecordingsCommand.Create(),
            BenchCommand.Create(),
            DoctorCommand.Create(),
            ServiceCommand.Create(),
            CompletionCommand.Create(),
        };
        foreach (Option option in _verbosity.All)
        {
            _root.Options.Add(option);
        }

        HelpOption help = _root.Options.OfType<HelpOption>().Single();
        help.Aliases.Clear();
        help.Aliases.Add("-h");
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> InvokeAsync(string[] args)
    {
        ParseResult result = _root.Parse(args);
        bool wantsHelp = result.Action is HelpWithExamples;
        if (result.Errors.Count > 0 && (!wantsHelp || IsNoCommand(result)))
        {
            return Report(Explain(result), ExitCode.Usage);
        }

        if (EmptyOne(result) is { } name)
        {
            return Report($"{name} is empty: give it a value, or leave it out.", ExitCode.Usage);
        }

        try
        {
            return await result.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,

                // The run command takes the signals itself, to drain; nothing else lasts.
                ProcessTerminationTimeout = null,
            });
        }
        catch (StoppedWhileOpeningException)
        {
            ProcessEnd.AtOnce(ExitCode.Done);
            return ExitCode.Done;
        }
        catch (Exception e)
        {
            int code = Report(e, _verbosity.IsVerbose(result));
            if (e is ModelRunException { IsDeviceLost: true })
            {
                ProcessEnd.AtOnce(code);
            }

            return code;
        }
    }

    /// <summary>The option or argument that was given an empty text, by a variable that a script forgot to set; null for none.</summary>
    private static string? EmptyOne(ParseResult result) => result.CommandResult.Children
        .Where(child => child.Tokens.Any(token => token.Value.Trim(' ', ',').Length == 0))
        .Select(child => child switch
        {
            OptionResult option => option.Option.Name,
            ArgumentResult argument => argument.Argument.HelpName ?? argument.Argument.Name,
            _ => null,
        })
        .FirstOrDefault();

    /// <summary>Whether a word stands where a command belongs. Help for what is before it would pass for help for that word.</summary>
    private static bool IsNoCommand(ParseResult result) =>
        result.UnmatchedTokens is [var word, ..] && !word.StartsWith('-') && result.CommandResult.Command.Subcommands.Count > 0;

    /// <summary>The first error; for a word that is no command or option, with the nearest one that is.</summary>
    private static string Explain(ParseResult result)
    {
        if (result.UnmatchedTokens.Count == 0)
        {
            Command command = result.CommandResult.Command;
            return command.Subcommands.Count > 0
                ? $"A command is missing behind '{command.Name}': {string.Join(", ", command.Subcommands.Select(symbol => symbol.Name))}. See --help."
                : result.Errors[0].Message;
        }

        string word = result.UnmatchedTokens[0];
        IEnumerable<string> known = result.CommandResult.Command.Children.Concat(result.RootCommandResult.Command.Options.Where(option => option.Recursive)).Select(symbol => symbol.Name);
        return $"'{word}' is no command or option here.{NearestName.Suggest(word, known)} See --help.";
    }

    private static int Report(Exception exception, bool verbose)
    {
        int code = CodeOf(exception);
        string message = SourceAddress.Redact(verbose ? exception.ToString() : exception.Message);
        return Report(code == ExitCode.Fault && !verbose ? $"{message} (--verbose shows where)" : message, code);
    }

    private static int CodeOf(Exception exception) => exception switch
    {
        UsageException => ExitCode.Usage,
        SourceException => ExitCode.NoSource,
        ModelException => ExitCode.BadModel,
        OutputException => ExitCode.BadOutput,
        _ => ExitCode.Fault,
    };

    private static int Report(string message, int code)
    {
        string line = $"{Colors.ForError("ssd-pipeline:", Colors.Red)} {message}";
        Console.Error.WriteLine(Journal.IsStandardError ? Journal.Prefix(Journal.Error, line) : line);
        return code;
    }
}
