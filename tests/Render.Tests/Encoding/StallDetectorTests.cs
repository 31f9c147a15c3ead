namespace Pipeline.Render.Tests.Encoding;

/// <summary>Processes as the system would describe them, look by look.</summary>
public sealed class StallDetectorTests
{
    private static readonly ProcessActivity Asleep = new(TimeSpan.FromSeconds(3), IsHeldUp: false);

    private readonly StallDetector _detector = new();

    [Fact]
    public void Look_ProcessAsleepWithSomethingToDo_IsStalledAfterOneAndAHalfSeconds()
    {
        Assert.All(Enumerable.Range(0, 6), _ => Assert.Null(Look(Asleep)));

        Assert.Contains("did nothing for 1.5 s", Look(Asleep), StringComparison.Ordinal);
    }

    [Fact]
    public void Look_ProcessThatGetsNoProcessor_IsNeverStalled()
    {
        ProcessActivity waiting = Asleep with { IsHeldUp = true };

        Assert.All(Enumerable.Range(0, 10_000), _ => Assert.Null(Look(waiting)));
    }

    [Fact]
    public void Look_ProcessThatUsesALittleProcessorTime_IsNeverStalled()
    {
        for (int i = 0; i < 1000; i++)
        {
            // Ten milliseconds in a second.
            Assert.Null(Look(Asleep with { ProcessorTime = TimeSpan.FromMilliseconds(10 * (i / 4)) }));
        }
    }

    [Fact]
    public void Look_ProcessThatNowAndThenTakesSomething_IsNeverStalled()
    {
        for (int i = 0; i < 100; i++)
        {
            Assert.All(Enumerable.Range(0, 6), _ => Assert.Null(Look(Asleep)));
            _detector.Reset();
        }
    }

    [Fact]
    public void Look_ProcessThatOnlyWorks_RunsInACircle()
    {
        string? stall = null;
        int looks = 0;
        for (; stall is null; looks++)
        {
            stall = Look(new ProcessActivity(Asleep.ProcessorTime + (looks * TimeSpan.FromSeconds(1)), IsHeldUp: true));
        }

        Assert.Equal(31, looks);
        Assert.Contains("neither took nor gave", stall, StringComparison.Ordinal);
    }

    private string? Look(ProcessActivity activity) => _detector.Look(activity, StallDetector.Idle);
}
