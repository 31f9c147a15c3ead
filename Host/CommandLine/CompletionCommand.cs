using System.CommandLine;

namespace Pipeline.Host.CommandLine;

/// <summary>
/// completion: prints a script that has a shell complete commands, options and values. The script asks the program itself,
/// through the directive [suggest:POSITION], so that it never gets old.
/// </summary>
internal static class CompletionCommand
{
    /// <summary>The words behind the command's name, up to the cursor, go to the program; paths are completed where it has no word.</summary>
    private const string Bash = """
        _ssd_pipeline() {
          local line=${COMP_LINE:0:COMP_POINT} IFS=$'\n'
          line=${line#"${COMP_WORDS[0]}"}
          line=${line# }
          mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}")
        }
        complete -o default -F _ssd_pipeline ssd-pipeline pipeline

        """;

    private const string Zsh = """
        #compdef ssd-pipeline pipeline
        _ssd_pipeline() {
          local line="${(j: :)words[2,CURRENT]}"
          local -a found=("${(@f)$("$words[1]" "[suggest:${#line}]" "$line" 2>/dev/null)}")
          found=("${(@)found:#}")
          if (( $#found )); then compadd -- "$found[@]"; else _files; fi
        }
        compdef _ssd_pipeline ssd-pipeline pipeline

        """;

    private const string Fish = """
        function __ssd_pipeline_words
          set -l line (string replace -r '^\S+\s*' '' -- (commandline -cp))
          ssd-pipeline "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c ssd-pipeline -a '(__ssd_pipeline_words)'

        """;

    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = Bash,
        ["zsh"] = Zsh,
        ["fish"] = Fish,
    };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish", HelpName = "SHELL" };
        shell.CompletionSources.Add([.. Scripts.Keys]);
        var command = new Command("completion", "Print a script that completes commands and options in a shell.") { shell };
        command.SetAction(result =>
        {
            string name = result.GetRequiredValue(shell);
            Console.Write(Scripts.TryGetValue(name, out string? script)
                ? script
                : throw new UsageException($"There is no completion for '{name}': bash, zsh and fish have one."));
        });
        return command;
    }
}
