using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;
using Pipeline.Testing;
using Xunit.Abstractions;

namespace Pipeline.Capture.Tests.Streams;

/// <summary>What reconnecting leaves behind in the process: nothing. Alone, since it counts what the whole process holds.</summary>
[Collection(nameof(ReconnectLeakTests))]
[CollectionDefinition(nameof(ReconnectLeakTests), DisableParallelization = true)]
public sealed partial class ReconnectLeakTests(ITestOutputHelper output)
{
    /// <summary>Reconnects over which it is asked for the least that the process holds.</summary>
    private const int Looks = 10;

    /// <summary>Reconnects after which all that is made once has been made, on any machine.</summary>
    private const int LongestWarmUp = 300;

    /// <summary>Methods compiled during <see cref="Looks"/> reconnects where the runtime has compiled nearly all that it will.</summary>
    private const int FewMethods = 5;

    /// <summary>In an endurance run a thousand.</summary>
    private static readonly int Reconnects = Environment.GetEnvironmentVariable("PIPELINE_SOAK") is null ? 50 : 1000;

    [Fact]
    public async Task Reconnects_Many_LeakNoDescriptorThreadOrMemory()
    {
        using RtspCamera camera = await RtspCamera.StartAsync();
        await using StreamRun run = await StreamRun.StartLiveAsync(
            camera.Address, StreamRun.ShortLimits with { FirstRetry = TimeSpan.FromMilliseconds(10), LongestRetry = TimeSpan.FromMilliseconds(20) });

        await WarmUpAsync(camera, run);
        ProcessHoldings before = await ReconnectAsync(camera, run, Looks);
        await ReconnectAsync(camera, run, Reconnects);
        ProcessHoldings after = await ReconnectAsync(camera, run, Looks);

        output.WriteLine($"before {before}, after {Reconnects} reconnects {after}");
        Assert.InRange(after.Descriptors - before.Descriptors, -100, 2);
        Assert.InRange(after.Threads - before.Threads, -100, 6);
        Assert.InRange(after.NativeMegabytes - before.NativeMegabytes, -100, 2);

        // It rises and falls by some: each connection's threads take memory where the last ones left gaps.
        Assert.InRange(after.ResidentMegabytes - before.ResidentMegabytes, -1000, 30);
    }

    /// <summary>Goes on until the runtime has compiled what is often called: the compiler takes megabytes of its own meanwhile.</summary>
    private static async Task WarmUpAsync(RtspCamera camera, StreamRun run)
    {
        long compiled;
        do
        {
            compiled = JitInfo.GetCompiledMethodCount();
            await ReconnectAsync(camera, run, Looks);
        }
        while (JitInfo.GetCompiledMethodCount() > compiled + FewMethods && run.Reader.Reconnects < LongestWarmUp);
    }

    /// <summary>
    /// Loses the connection some times. Returns the least that the process held after any of them: a live connection holds what it
    /// has just read and decoded, more or less from one moment to the next; what leaks is in the least too. Each look collects
    /// garbage, so that the heap stays as small as it was.
    /// </summary>
    private static async Task<ProcessHoldings> ReconnectAsync(RtspCamera camera, StreamRun run, int times)
    {
        ProcessHoldings least = ProcessHoldings.Now();
        for (int i = 0; i < times; i++)
        {
            long count = run.Reader.Reconnects;
            await camera.TellAsync("kick");
            await run.Recorder.WaitAsync(() => run.Reader.Reconnects > count && run.Reader.State == SourceState.Live);
            least = least.OrLess(ProcessHoldings.Now());
        }

        return least;
    }

    /// <summary>What this process holds, after what is garbage has been collected.</summary>
    /// <param name="Descriptors">Open files and connections.</param>
    /// <param name="Threads">Its threads.</param>
    /// <param name="NativeMegabytes">What native code has allocated and not freed.</param>
    /// <param name="ResidentMegabytes">Memory that it has of the machine.</param>
    private sealed record ProcessHoldings(int Descriptors, int Threads, double NativeMegabytes, long ResidentMegabytes)
    {
        public static ProcessHoldings Now()
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            string resident = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            MallocInfo native = GetMallocInfo();
            return new ProcessHoldings(
                Directory.GetFileSystemEntries("/proc/self/fd").Length,
                Directory.GetDirectories("/proc/self/task").Length,
                Math.Round((native.InUse + native.Mapped) / 1024.0 / 1024.0, 2),
                long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024);
        }

        public ProcessHoldings OrLess(ProcessHoldings other) => new(
            Math.Min(Descriptors, other.Descriptors),
            Math.Min(Threads, other.Threads),
            Math.Min(NativeMegabytes, other.NativeMegabytes),
            Math.Min(ResidentMegabytes, other.ResidentMegabytes));
    }

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    private static partial MallocInfo GetMallocInfo();

    /// <summary>glibc's mallinfo2, over all arenas.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct MallocInfo
    {
        public readonly nuint Arena;
        public readonly nuint FreeBlocks;
        public readonly nuint FastBlocks;
        public readonly nuint MappedBlocks;

        /// <summary>Bytes of large blocks, each mapped by itself.</summary>
        public readonly nuint Mapped;
        public readonly nuint Unused;
        public readonly nuint FastFree;

        /// <summary>Bytes of all other blocks in use.</summary>
        public readonly nuint InUse;
        public readonly nuint Free;
        public readonly nuint Trimmable;
    }
}
