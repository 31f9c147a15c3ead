using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Host.Service;
using Pipeline.Testing;

namespace Pipeline.Tests.Service;

/// <summary>What systemd hears, on a made-up clock.</summary>
public sealed class ServiceNotifierTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly List<string> _heard = [];
    private readonly ManualTimeProvider _time = new();
    private readonly ServiceNotifier _notifier;
    private ServiceState _state = new(IsReady: true, Hang: null, "25.0 fps");

    public ServiceNotifierTests() => _notifier = Create(watchdog: TimeSpan.FromSeconds(9));

    public void Dispose() => _notifier.Dispose();

    [Fact]
    public void Start_ModelTakesLong_AsksForMoreTime()
    {
        _time.Advance(Second);

        Assert.Equal(["EXTEND_TIMEOUT_USEC=30000000"], Take().Distinct());
    }

    [Fact]
    public void Start_HalfAnHourLater_AsksNoMore()
    {
        _time.Advance(TimeSpan.FromMinutes(30));
        Take();

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Empty(Take());
    }

    [Fact]
    public void Ready_SourcesNotTriedYet_IsNotSaid()
    {
        _state = _state with { IsReady = false };
        _notifier.Follow(() => _state);

        _time.Advance(10 * Second);
        Assert.DoesNotContain(Take(), message => message.Contains("READY", StringComparison.Ordinal));

        _state = _state with { IsReady = true };
        _time.Advance(Second);
        Assert.Contains("READY=1\nSTATUS=25.0 fps", Take());
    }

    [Fact]
    public void Running_PipelineProgresses_SendsSignsOfLifeThriceInTheWatchdogsTime()
    {
        Run();

        _time.Advance(9 * Second);

        Assert.Equal(Enumerable.Repeat("WATCHDOG=1\nSTATUS=25.0 fps", 3), Take());
    }

    [Fact]
    public void Running_PipelineHangs_SendsNoSignOfLifeUntilItGoesOn()
    {
        Run();

        _state = _state with { Hang = "a frame has waited 30 s for inference" };
        _time.Advance(9 * Second);
        Assert.Equal(["STATUS=Hangs: a frame has waited 30 s for inference"], Take().Distinct());

        _state = _state with { Hang = null };
        _time.Advance(3 * Second);
        Assert.Equal(["WATCHDOG=1\nSTATUS=25.0 fps"], Take());
    }

    [Fact]
    public void Running_NoWatchdog_SendsTheStatusAllTheSame()
    {
        using ServiceNotifier notifier = Create(watchdog: null);
        notifier.Follow(() => _state);
        _time.Advance(Second);
        Take();

        _time.Advance(5 * Second);

        Assert.Contains("WATCHDOG=1\nSTATUS=25.0 fps", Take());
    }

    [Fact]
    public void Reloading_TellsWhenItBegan()
    {
        Run();
        TimeSpan now = _time.GetElapsedTime(0);

        _notifier.Reloading();
        _notifier.Reloaded("Took the new configuration");

        Assert.Equal(
            [$"RELOADING=1\nMONOTONIC_USEC={(long)now.TotalMicroseconds}\nSTATUS=Reads its configuration again", "READY=1\nSTATUS=Took the new configuration"],
            Take());
    }

    [Fact]
    public void Reloading_BeforeItIsReady_SaysNothingOfBeingReady()
    {
        _state = _state with { IsReady = false };
        _notifier.Follow(() => _state);
        _time.Advance(Second);

        _notifier.Reloading();
        _notifier.Reloaded("Took the new configuration");
        Assert.DoesNotContain(Take(), message => message.Contains("READY=1", StringComparison.Ordinal) || message.Contains("RELOADING=1", StringComparison.Ordinal));

        _state = _state with { IsReady = true };
        _time.Advance(Second);
        Assert.Contains("READY=1\nSTATUS=25.0 fps", Take());
    }

    [Fact]
    public void Stopping_DrainTakesLong_AsksForMoreTimeWhileItProgresses()
    {
        Run();
        _notifier.Stopping();
        Assert.StartsWith("STOPPING=1\n", Assert.Single(Take()));

        _time.Advance(3 * Second);
        Assert.Contains("EXTEND_TIMEOUT_USEC=30000000", Take());

        _state = _state with { Hang = "a recording is not closed" };
        _time.Advance(9 * Second);
        Assert.DoesNotContain(Take(), message => message.StartsWith("EXTEND", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("30000000", null, 30.0)]
    [InlineData("30000000", "7", 30.0)]
    [InlineData("30000000", "8", null)]
    [InlineData("0", null, null)]
    [InlineData("soon", null, null)]
    [InlineData(null, null, null)]
    public void WatchdogOf_Environment_IsForThisProcessOrNone(string? time, string? process, double? seconds) =>
        Assert.Equal(seconds, ServiceNotifier.WatchdogOf(time, process, ownProcessId: 7)?.TotalSeconds);

    private ServiceNotifier Create(TimeSpan? watchdog) => new(_heard.Add, watchdog, NullLogger.Instance, _time);

    /// <summary>What systemd has heard since the last call.</summary>
    private string[] Take()
    {
        string[] heard = [.. _heard];
        _heard.Clear();
        return heard;
    }

    /// <summary>Up to the moment at which the service is ready, and what was said until then forgotten.</summary>
    private void Run()
    {
        _notifier.Follow(() => _state);
        _time.Advance(0.1 * Second);
        Assert.Contains("READY=1\nSTATUS=25.0 fps", Take());
    }
}
