namespace Pipeline.Render.Tests.Recording;

public sealed class EventWindowTests : IDisposable
{
    private const int Person = 1;
    private const int Car = 3;

    private readonly MadeFragments _made = new();

    public void Dispose() => _made.Dispose();

    [Fact]
    public void Take_NothingSeen_LetsNothingThroughAndKeepsOnlyTheSecondsBefore()
    {
        using EventWindow window = Window(before: 4, after: 2);
        EncodedFragment[] fragments = _made.Make(0, 60);

        Assert.Empty(Clips(window, fragments));
        window.Dispose();
        Assert.All(fragments, fragment => Assert.Equal(100 + fragment.HeadLength + 8, fragment.Bytes.Length));
    }

    [Fact]
    public void Take_ClassSeen_BeginsAtAKeyFrameBeforeAndEndsAfter()
    {
        using EventWindow window = Window(before: 3, after: 2);

        // Three seconds before second 21 is second 18, where a key frame is.
        Assert.Equal([(18, 24)], Clips(window, _made.Make(0, 60, seen: (21, Person))));
    }

    [Fact]
    public void Take_SecondsBeforeDoNotEndAtAKeyFrame_BeginsAtTheOneBeforeThem()
    {
        using EventWindow window = Window(before: 2, after: 2);

        Assert.Equal([(18, 24)], Clips(window, _made.Make(0, 60, seen: (21, Person))));
    }

    [Fact]
    public void Take_AnotherClassThanWanted_IsNoEvent()
    {
        using EventWindow window = Window(before: 3, after: 2, Person);

        Assert.Equal([(28, 34)], Clips(window, _made.Make(0, 60, seen: [(21, Car), (31, Person)])));
    }

    [Fact]
    public void Take_SeenAgainWithinTheSecondsAfter_ExtendsTheClip()
    {
        using EventWindow window = Window(before: 2, after: 4);

        Assert.Equal([(18, 30)], Clips(window, _made.Make(0, 60, seen: [(20, Person), (23, Person), (25, Person)])));
    }

    [Fact]
    public void Take_SecondsBeforeReachBackToTheLastClip_ExtendsItWithoutAGap()
    {
        using EventWindow window = Window(before: 6, after: 2);

        // The first ends at 23; the next is seen at 28, and its six seconds before reach back to 22.
        Assert.Equal([(14, 31)], Clips(window, _made.Make(0, 60, seen: [(20, Person), (28, Person)])));
    }

    [Fact]
    public void Take_EventsFarApart_AreTwoClips()
    {
        using EventWindow window = Window(before: 2, after: 2);

        Assert.Equal([(18, 23), (38, 43)], Clips(window, _made.Make(0, 60, seen: [(20, Person), (40, Person)])));
    }

    [Fact]
    public void Add_MoreBytesThanItKeeps_DropsTheOldest()
    {
        using EventWindow window = Window(before: 300, after: 1);

        // Four fragments of 5 MB from key frame to key frame: three such groups fit into 64 MiB.
        Assert.Equal([(10, 18)], Clips(window, _made.Make(0, 20, bytes: 5_000_000, seen: (16, Person))));
    }

    private static EventWindow Window(double before, double after, params int[] classes) =>
        new(new EventOptions(classes, TimeSpan.FromSeconds(before), TimeSpan.FromSeconds(after)));

    /// <summary>What is let through, as first second and end of each clip, and checks that each begins at a key frame and has no gap.</summary>
    private static List<(double From, double To)> Clips(EventWindow window, EncodedFragment[] fragments)
    {
        var clips = new List<List<EncodedFragment>>();
        bool isOpen = false;
        foreach (EncodedFragment fragment in fragments)
        {
            window.Add(fragment);
            isOpen &= !window.IsApart;
            while (window.TryTake(out EncodedFragment? wanted))
            {
                if (!isOpen)
                {
                    clips.Add([]);
                    Assert.True(wanted.StartsWithKeyFrame);
                }
                else
                {
                    Assert.Equal(clips[^1][^1].Number + 1, wanted.Number);
                }

                clips[^1].Add(wanted);
                isOpen = true;
            }
        }

        return [.. clips.Select(clip => (clip[0].Start.TotalSeconds, clip[^1].End.TotalSeconds))];
    }
}
