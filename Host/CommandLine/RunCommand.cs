using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Pipeline.Host.Configuration;
using Pipeline.Host.Http;
using Pipeline.Host.Metering;
using Pipeline.Host.Reporting;
using Pipeline.Host.Running;
using Pipeline.Host.Service;
using Pipeline.Render;

namespace Pipeline.Host.CommandLine;

/// <summary>run: detects objects on sources until they end or somebody stops it.</summary>
internal static partial class RunCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="verbosity">The program's --verbose and --quiet.</param>
    public static Command Create(VerbosityOptions verbosity)
    {
        var options = new RunOptions();
        var command = new Command("run", "Detect objects on webcams, streams and files.");
        foreach (Option option in options.All)
        {
            command.Options.Add(option);
        }

        command.SetAction((result, _) => RunAsync(() => options.Load(result), options.LocalSettings(result), verbosity.Of(result)));
        return command;
    }

    private static async Task<int> RunAsync(Func<PipelineSettings> load, LocalSettings local, Verbosity verbosity)
    {
        PipelineSettings settings = load();
        if (settings.Sources.Count == 0 && !settings.Reading.KeepRunning)
        {
            throw new UsageException(
                "No source is given: add --source 0 (a webcam), --source rtsp://…, --source film.mp4 or --source test://640x480@30.");
        }

        using ILoggerFactory loggers = ProgramLog.Create(verbosity);
        ILogger logger = loggers.CreateLogger("Pipeline");
        using var service = ServiceNotifier.Start(logger, TimeProvider.System);
        using var stop = new StopSignals(() =>
        {
            Log.Stopping(logger);
            service?.Stopping();
        });

        // A sink costs frames in every pool, so there is one only where somebody can ask for pictures.
        var snapshots = ListenAddress.From(settings.Http) is null ? null : new SnapshotSink(TimeProvider.System);
        using DetectionRun run = await CreateAsync(settings, loggers, snapshots is null ? [] : [snapshots], stop.Token);
        await using HttpServer? server = snapshots is null
            ? null
            : await HttpServer.StartAsync(settings.Http, run, snapshots, local, loggers, TimeProvider.System);

        using IDisposable? export = MetricsExport.Start(settings.Telemetry);

        var reloader = new Reloader(load, run.Control, logger);
        bool hasTerminal = ControllingTerminal.Exists;
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangup);

        service?.Follow(() => ServiceState.Of(run.Health, run.Meters.Results.PerSecond));

        // Opened before the run: nobody wants to hear after hours that it can't be written.
        await using FileStream? reportFile = settings.Output.Report is { } path ? OutputFile.Create(path) : null;
        RunReport report;
        await using (verbosity == Verbosity.Quiet ? null : LiveLine.Start(run.Meters, () => run.ExpectedFrames, TimeProvider.System))
        {
            try
            {
                report = await run.RunAsync(stop.Token);
            }
            catch
            {
                ReportFault(reportFile, run.Report());
                throw;
            }
        }

        Write(reportFile, report);

        if (verbosity != Verbosity.Quiet && !TerminalWasClosed())
        {
            Show(report, settings.Output);
        }

        if (!stop.Token.IsCancellationRequested && !settings.Reading.KeepRunning)
        {
            // Who stops a run that still waits for its cameras gets what was asked for: a clean end.
            report.RequireSource();
        }

        return run.SinkFailures.Any() ? ExitCode.BadOutput : ExitCode.Done;

        bool TerminalWasClosed() => hasTerminal && !ControllingTerminal.Exists;

        // From a terminal that is closed it means the end; to a service, that its configuration is to be read again.
        void OnHangup(PosixSignalContext context)
        {
            context.Cancel = true;
            if (TerminalWasClosed())
            {
                stop.Take(context);
                return;
            }

            _ = ReloadAsync(reloader, service);
        }
    }

    private static async Task<DetectionRun> CreateAsync(
        PipelineSettings settings, ILoggerFactory loggers, IReadOnlyList<ISink> moreSinks, CancellationToken stop)
    {
        try
        {
            return await DetectionRun.CreateAsync(settings, RunModel.Load(settings), loggers, TimeProvider.System, stop, moreSinks);
        }
        catch (OperationCanceledException e) when (stop.IsCancellationRequested)
        {
            throw new StoppedWhileOpeningException(e);
        }
    }

    private static async Task ReloadAsync(Reloader reloader, ServiceNotifier? service)
    {
        service?.Reloading();
        string result = await reloader.ReloadAsync();
        service?.Reloaded(result);
    }

    /// <summary>After a fault, what was done until then is wanted most of all; a report that can't be written is no news beside it.</summary>
    private static void ReportFault(FileStream? file, RunReport report)
    {
        try
        {
            Write(file, report);
        }
        catch (OutputException)
        {
            // The fault is told.
        }
    }

    private static void Write(FileStream? file, RunReport report)
    {
        if (file is not null)
        {
            OutputFile.Write(file, report.ToJson());
        }
    }

    private static void Show(RunReport report, OutputSettings output)
    {
        if (report.EndToEnd.Frames > 0)
        {
            // Standard output may be carrying JSON lines.
            (output.JsonLines == "-" ? Console.Error : Console.Out).Write(StageTable.Draw(report));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Information, "Stopping: what was read is still processed. Once more ends at once.")]
        public static partial void Stopping(ILogger logger);
    }
}
