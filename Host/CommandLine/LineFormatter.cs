using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Pipeline.Host.CommandLine;

/// <summary>An event as one line: the time, "warning:" or "error:" where it is one, and the message.</summary>
internal sealed class LineFormatter() : ConsoleFormatter(FormatterName)
{
    /// <summary>The name under which the logging library finds it.</summary>
    public const string FormatterName = "line";

    /// <summary>On a terminal an event takes the place of the live line, which comes again below it.</summary>
    private static readonly string ClearLine = Console.IsErrorRedirected ? "" : "\r\e[K";

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string level = logEntry.LogLevel switch
        {
            LogLevel.Trace or LogLevel.Debug => "debug: ",
            LogLevel.Warning => Colors.ForError("warning: ", Colors.Yellow),
            LogLevel.Error or LogLevel.Critical => Colors.ForError("error: ", Colors.Red),
            _ => "",
        };
        textWriter.WriteLine($"{ClearLine}{DateTime.Now:HH:mm:ss} {level}{logEntry.Formatter(logEntry.State, logEntry.Exception)}");
        if (logEntry.Exception is not null)
        {
            textWriter.WriteLine(logEntry.Exception);
        }
    }
}
