using Microsoft.Extensions.Logging;
using Pipeline.Capture;
using Pipeline.Host.Configuration;

namespace Pipeline.Host.Running;

/// <summary>
/// Reads the configuration again and makes a run what it says. One that is wrong is told in one line and changes nothing;
/// what only a restart can change is told by its keys.
/// </summary>
/// <param name="load">Reads the configuration, from the same files and options as at the start.</param>
/// <param name="control">The run.</param>
/// <param name="logger">The log.</param>
internal sealed partial class Reloader(Func<PipelineSettings> load, RunControl control, ILogger logger)
{
    /// <summary>Reloads; never throws. Any thread may call, and several at once come one after another.</summary>
    /// <returns>What came of it, in one line without credentials.</returns>
    public async Task<string> ReloadAsync()
    {
        try
        {
            SettingsChange change = await control.ReloadAsync(load());
            if (change.NeedRestart.Count > 0)
            {
                Log.NeedsRestart(logger, string.Join(", ", change.NeedRestart));
            }

            if (!change.ChangesRun)
            {
                Log.NothingToChange(logger);
            }

            return $"Configuration read again: {change.Summary}";
        }
        catch (Exception e)
        {
            // Nobody waits for it but the log: not even a fault inside may be lost, nor end what runs.
            string reason = SourceAddress.Redact(e.Message);
            Log.Refused(logger, reason);
            return $"Configuration refused: {reason}";
        }
    }

    private static partial class Log
    {
        [LoggerMessage(60, LogLevel.Information, "The configuration was read again: nothing in it changes the run.")]
        public static partial void NothingToChange(ILogger logger);

        [LoggerMessage(61, LogLevel.Warning, "These settings changed, and wait for a restart of the program: {Keys}.")]
        public static partial void NeedsRestart(ILogger logger, string keys);

        [LoggerMessage(62, LogLevel.Error, "The configuration is refused, and the run goes on as it was. {Reason}")]
        public static partial void Refused(ILogger logger, string reason);
    }
}
