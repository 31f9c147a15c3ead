using Pipeline.Testing;

namespace Pipeline.Capture.Tests;

public sealed class SourceLifeTests
{
    private static readonly SourceLimits Limits = new();

    private readonly ManualTimeProvider _time = new();
    private readonly List<SourceChange> _changes = [];

    [Fact]
    public void Life_FirstFrame_IsLive()
    {
        SourceLife life = Begin();

        Assert.Equal(SourceState.Opening, life.State);
        life.OnFrame();
        life.OnFrame();

        Assert.Equal(SourceState.Live, life.State);
        Assert.True(life.HasDelivered);
        Assert.Equal(0, life.Reconnects);
        SourceChange change = Assert.Single(_changes);
        Assert.Equal((SourceState.Opening, SourceState.Live, true), (change.From, change.To, change.IsNews));
    }

    [Fact]
    public void OnLost_AgainAndAgain_DoublesTheWaitUpToItsLimit()
    {
        SourceLife life = Begin();
        life.OnFrame();

        double[] waits = [.. Enumerable.Range(0, 6).Select(_ => Retry(life).TotalSeconds)];

        Assert.Equal([0.25, 0.5, 1, 2, 2, 2], waits);
    }

    [Fact]
    public void OnLost_NeverSeen_WaitsUpToTheLongerLimit()
    {
        SourceLife life = Begin();

        double[] waits = [.. Enumerable.Range(0, 10).Select(_ => Retry(life).TotalSeconds)];

        Assert.Equal([0.25, 0.5, 1, 2, 4, 8, 16, 30, 30, 30], waits);
    }

    [Theory]
    [InlineData(0.0, 0.25)]
    [InlineData(0.5, 0.2125)]
    [InlineData(1.0, 0.175)]
    public void OnLost_Jitter_TakesUpToThirtyPercentOff(double chance, double wait)
    {
        SourceLife life = Begin(chance);

        Assert.Equal(wait, life.OnLost("away").TotalSeconds, 1e-6);
    }

    [Fact]
    public void OnLost_AfterALongLife_BeginsWithTheShortestWait()
    {
        SourceLife life = Begin();
        life.OnFrame();
        Retry(life);
        Retry(life);
        life.OnFrame();
        _time.Advance(Limits.LongestRetry);

        Assert.Equal(Limits.FirstRetry, life.OnLost("away"));
    }

    [Fact]
    public void OnLost_AfterAShortLife_GoesOnDoubling()
    {
        SourceLife life = Begin();
        life.OnFrame();
        Retry(life);
        life.OnFrame();
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2 * Limits.FirstRetry, life.OnLost("away"));
    }

    [Fact]
    public void OnLost_SameReasonAgain_IsNewsOnce()
    {
        SourceLife life = Begin();

        Retry(life, "refused");
        Retry(life, "refused");
        Retry(life, "unknown host");
        life.OnFrame();
        Retry(life, "unknown host");

        Assert.Equal(
            ["refused", "unknown host", "Live", "unknown host"],
            _changes.Where(change => change.IsNews).Select(change => change.Reason ?? change.To.ToString()));
    }

    [Fact]
    public void OnFrame_AfterItWasLost_CountsAReconnectAndSaysHowLongItWasAway()
    {
        SourceLife life = Begin();
        life.OnFrame();
        Retry(life);
        _time.Advance(TimeSpan.FromSeconds(7));
        life.OnFrame();

        Assert.Equal(1, life.Reconnects);
        Assert.Equal(TimeSpan.FromSeconds(7), _changes[^1].DownFor);
        Assert.Null(life.Trouble);
    }

    [Fact]
    public void OnFrame_LostRightAfterAPause_WasAwaySinceItWasResumed()
    {
        SourceLife life = Begin();
        life.OnFrame();
        _time.Advance(TimeSpan.FromDays(10));
        life.OnPaused();
        _time.Advance(TimeSpan.FromHours(1));
        life.OnOpening();
        Retry(life);
        _time.Advance(TimeSpan.FromSeconds(7));
        life.OnFrame();

        Assert.Equal(TimeSpan.FromSeconds(7), _changes[^1].DownFor);
    }

    [Fact]
    public void OnSilence_LongerThanTheLimit_StallsUntilTheNextFrame()
    {
        SourceLife life = Begin();
        life.OnFrame();
        _time.Advance(TimeSpan.FromSeconds(3));

        life.OnSilence(TimeSpan.FromSeconds(1.9));
        Assert.Equal(SourceState.Live, life.State);
        life.OnSilence(TimeSpan.FromSeconds(3));
        Assert.Equal(SourceState.Stalled, life.State);
        life.OnFrame();

        Assert.Equal(SourceState.Live, life.State);
        Assert.Equal(0, life.Reconnects);
        Assert.Equal(TimeSpan.FromSeconds(3), _changes[^1].DownFor);
    }

    [Fact]
    public void OnSilence_WhileOpening_ChangesNothing()
    {
        SourceLife life = Begin();

        life.OnSilence(TimeSpan.FromMinutes(1));

        Assert.Equal(SourceState.Opening, life.State);
        Assert.Empty(_changes);
    }

    [Theory]
    [InlineData(false, SourceState.Ended)]
    [InlineData(true, SourceState.Failed)]
    public void OnFrame_AfterTheEnd_ChangesNothing(bool fails, SourceState end)
    {
        SourceLife life = Begin();
        if (fails)
        {
            life.Fail("unreadable");
        }
        else
        {
            life.End();
        }

        life.OnFrame();
        life.OnSilence(TimeSpan.FromMinutes(1));
        life.OnOpening();

        Assert.Equal(end, life.State);
        Assert.False(life.HasDelivered);
    }

    private SourceLife Begin(double chance = 0) => new(Limits, _time, new FixedRandom(chance), _changes.Add);

    private static TimeSpan Retry(SourceLife life, string reason = "away")
    {
        TimeSpan wait = life.OnLost(reason);
        life.OnOpening();
        return wait;
    }
}
