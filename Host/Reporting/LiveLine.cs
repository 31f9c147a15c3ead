using System.Globalization;
using Pipeline.Host.Metering;

namespace Pipeline.Host.Reporting;

/// <summary>One line on a terminal that shows how the run goes, twice a second; nothing where there is no terminal.</summary>
internal sealed class LiveLine : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly PipelineMeters _meters;
    private readonly Func<long?> _expectedFrames;
    private readonly TextWriter _terminal;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    private LiveLine(PipelineMeters meters, Func<long?> expectedFrames, TextWriter terminal, TimeProvider time)
    {
        _meters = meters;
        _expectedFrames = expectedFrames;
        _terminal = terminal;
        _loop = RunAsync(time);
    }

    /// <summary>Starts one where standard error is a terminal.</summary>
    /// <param name="meters">What to show.</param>
    /// <param name="expectedFrames">How many results there will be; null where that is not known.</param>
    /// <param name="time">The clock of the updates.</param>
    public static LiveLine? Start(PipelineMeters meters, Func<long?> expectedFrames, TimeProvider time) =>
        Console.IsErrorRedirected ? null : new LiveLine(meters, expectedFrames, Console.Error, time);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    /// <summary>The line's text.</summary>
    internal static string Draw(PipelineMeters meters, long? expectedFrames)
    {
        long frames = meters.EndToEnd.Count;
        double rate = meters.Results.PerSecond;
        string stages = string.Join("  ", meters.Stages
            .Where(stage => stage.Frames > 0)
            .Select(stage => string.Create(CultureInfo.InvariantCulture, $"{stage.Name} {stage.FramesPerSecond:F0}")));
        string left = expectedFrames is { } expected && rate > 0 ? $"  {HoursMinutesSeconds(Math.Max(0, expected - frames) / rate)} left" : "";
        string total = expectedFrames is { } all ? $"/{all}" : "";

        // What matters most stands first: a narrow terminal cuts the end off.
        return string.Create(CultureInfo.InvariantCulture,
            $"{frames}{total} frames  {rate:F1} fps  {meters.Dropped} dropped{left}  |  {stages}");
    }

    /// <summary>A time as 26:03:07. A TimeSpan's hours end at 23, and it itself where somebody asks for more frames than will ever come.</summary>
    private static string HoursMinutesSeconds(double seconds)
    {
        long whole = (long)seconds;
        return string.Create(CultureInfo.InvariantCulture, $"{whole / 3600}:{whole / 60 % 60:00}:{whole % 60:00}");
    }

    private async Task RunAsync(TimeProvider time)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                Show(Draw(_meters, _expectedFrames()));
            }
        }
        catch (OperationCanceledException)
        {
            Show("");
        }
    }

    /// <summary>Overwrites the line, cut to the terminal's width so that it never wraps.</summary>
    private void Show(string text)
    {
        try
        {
            int width = Console.WindowWidth is > 1 and int columns ? columns - 1 : 79;
            _terminal.Write($"\r\e[K{(text.Length > width ? text[..width] : text)}");
        }
        catch (IOException)
        {
            // The terminal was closed: there is nobody to show anything to, and that is no reason to fail.
        }
    }
}
