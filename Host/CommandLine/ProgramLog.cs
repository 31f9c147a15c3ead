using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Pipeline.Host.CommandLine;

/// <summary>The program's log: one line an event, on standard error, since standard output may carry JSON lines.</summary>
internal static class ProgramLog
{
    /// <summary>Makes the loggers.</summary>
    /// <param name="verbose">Whether debug events are shown too.</param>
    public static ILoggerFactory Create(bool verbose) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(verbose ? LogLevel.Debug : LogLevel.Information)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>()
        .AddConsole(console => console.FormatterName = LineFormatter.FormatterName)
        .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
}
