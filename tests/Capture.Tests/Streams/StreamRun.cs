namespace Pipeline.Capture.Tests.Streams;

/// <summary>A reader of a real stream, with short limits; disposal stops it and checks that it let go of everything.</summary>
internal sealed class StreamRun : IAsyncDisposable
{
    /// <summary>Shorter than the defaults, so that a test of many faults is over soon.</summary>
    public static readonly SourceLimits ShortLimits = new()
    {
        Open = TimeSpan.FromSeconds(4),
        Read = TimeSpan.FromSeconds(2),
        Stall = TimeSpan.FromSeconds(1),
        LongestRetry = TimeSpan.FromSeconds(1),
        LongestRetryUnseen = TimeSpan.FromSeconds(1),
    };

    /// <summary>How a camera is read, with short limits.</summary>
    public static readonly SourceReaderOptions Camera = new(Latest: true, Pace: false, Loop: false, MaximumFrames: null) { Limits = ShortLimits };

    private readonly CancellationTokenSource _stop = new();
    private readonly FramePool _pool = new(3);

    private StreamRun(string address, SourceReaderOptions options)
    {
        Reader = new SourceReader(SourceAddress.Parse(address), "camera", options, _pool, Recorder, TimeProvider.System);
        Reader.Start(_stop.Token);
    }

    public SourceReader Reader { get; }

    public StreamRecorder Recorder { get; } = new();

    /// <summary>Begins to read.</summary>
    public static StreamRun Start(string address, SourceLimits? limits = null) => Start(address, Camera with { Limits = limits ?? ShortLimits });

    /// <summary>Begins to read with options of its own.</summary>
    public static StreamRun Start(string address, SourceReaderOptions options) => new(address, options);

    /// <summary>Begins to read and waits for the first frames.</summary>
    public static async Task<StreamRun> StartLiveAsync(string address, SourceLimits? limits = null)
    {
        StreamRun run = Start(address, limits);
        await run.Recorder.WaitForFramesAsync(5);
        return run;
    }

    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        await Reader.Completion;
        Assert.Equal(0, _pool.Leased);
        _pool.Dispose();
        Recorder.Dispose();
        _stop.Dispose();
    }
}
