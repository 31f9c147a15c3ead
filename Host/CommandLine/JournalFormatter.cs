using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Pipeline.Host.Service;

namespace Pipeline.Host.CommandLine;

/// <summary>An event as systemd's journal takes it: a level before each line; the journal has the time itself.</summary>
internal sealed class JournalFormatter() : ConsoleFormatter(FormatterName)
{
    /// <summary>The name under which the logging library finds it.</summary>
    public const string FormatterName = "journal";

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        string text = logEntry.Exception is null ? message : $"{message}\n{logEntry.Exception}";
        textWriter.WriteLine(Journal.Prefix(LevelOf(logEntry.LogLevel), text));
    }

    private static int LevelOf(LogLevel level) => level switch
    {
        LogLevel.Critical => Journal.Critical,
        LogLevel.Error => Journal.Error,
        LogLevel.Warning => Journal.Warning,
        LogLevel.Information => Journal.Information,
        _ => Journal.Debug,
    };
}
