using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Pipeline.Host.Service;

namespace Pipeline.Host.CommandLine;

/// <summary>The program's log: one line an event, on standard error, since standard output may carry JSON lines.</summary>
internal static class ProgramLog
{
    /// <summary>Makes the loggers.</summary>
    public static ILoggerFactory Create(Verbosity verbosity) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(LevelOf(verbosity))
        .AddFilter("Microsoft", LogLevel.Warning)

        // A web host that can't start is an error of the run, which says it in one line; the host would add a stack trace.
        .AddFilter("Microsoft.Extensions.Hosting", verbosity == Verbosity.Verbose ? LogLevel.Error : LogLevel.None)
        .AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>()
        .AddConsoleFormatter<JournalFormatter, ConsoleFormatterOptions>()
        .AddConsole(console => console.FormatterName = Journal.IsStandardError ? JournalFormatter.FormatterName : LineFormatter.FormatterName)
        .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace));

    private static LogLevel LevelOf(Verbosity verbosity) => verbosity switch
    {
        Verbosity.Quiet => LogLevel.Warning,
        Verbosity.Verbose => LogLevel.Debug,
        _ => LogLevel.Information,
    };
}
