using Pipeline.Testing;

namespace Pipeline.Render.Tests.Recording;

public sealed class FragmentRecorderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MadeFragments _made = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly LineLogger _log = new();

    public void Dispose()
    {
        _made.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Take_EventThatCantBeClosed_IsTriedAgainAtItsTimeAndNotWithEveryFragment()
    {
        using var target = new StuckTarget(_folder["stuck.mp4"]);
        using var recorder = new FragmentRecorder(target, new EventOptions([3], TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2)), _log, _clock);

        Array.ForEach(_made.Make(0, 60, 100, (2, 3)), recorder.Take);
        Assert.Equal((1, OutputState.Degraded), (target.Closings, recorder.Health.State));

        target.IsStuck = false;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Array.ForEach(_made.Make(60, 70), recorder.Take);
        Assert.Equal((2, OutputState.Ok), (target.Closings, recorder.Health.State));
    }

    /// <summary>A file that can be written, but not always closed.</summary>
    private sealed class StuckTarget(string path) : IRecordingTarget
    {
        public string Name => "stuck";

        public int Closings { get; private set; }

        public bool IsStuck { get; set; } = true;

        public bool IsFull(FragmentFile file) => false;

        public void RequireRoom()
        {
        }

        public FragmentFile Open(EncodedFragment first) => FragmentFile.Create(path, "gate", EncodedVideo.Labels, first);

        public void Close(FragmentFile file)
        {
            Closings++;
            if (IsStuck)
            {
                throw new IOException("it can't be closed");
            }

            file.Dispose();
        }

        public void Abandon(FragmentFile file) => file.Dispose();

        public void Dispose()
        {
        }
    }
}
