using System.Globalization;
using System.Runtime.InteropServices;
using Pipeline.Testing;
using Xunit.Abstractions;

namespace Pipeline.Capture.Tests.Streams;

/// <summary>What reconnecting leaves behind in the process: nothing. Alone, since it counts what the whole process holds.</summary>
[Collection(nameof(ReconnectLeakTests))]
[CollectionDefinition(nameof(ReconnectLeakTests), DisableParallelization = true)]
public sealed partial class ReconnectLeakTests(ITestOutputHelper output)
{
    /// <summary>Reconnects after which all that is made once has been made.</summary>
    private const int WarmUp = 10;

    /// <summary>In an endurance run a thousand.</summary>
    private static readonly int Reconnects = Environment.GetEnvironmentVariable("PIPELINE_SOAK") is null ? 50 : 1000;

    [Fact]
    public async Task Reconnects_Many_LeakNoDescriptorThreadOrMemory()
    {
        using RtspCamera camera = await RtspCamera.StartAsync();
        await using StreamRun run = await StreamRun.StartLiveAsync(
            camera.Address, StreamRun.ShortLimits with { FirstRetry = TimeSpan.FromMilliseconds(10), LongestRetry = TimeSpan.FromMilliseconds(20) });

        await ReconnectAsync(camera, run, WarmUp);
        ProcessHoldings before = ProcessHoldings.Now();
        await ReconnectAsync(camera, run, WarmUp + Reconnects);
        ProcessHoldings after = ProcessHoldings.Now();

        output.WriteLine($"before {before}, after {Reconnects} reconnects {after}");
        Assert.InRange(after.Descriptors - before.Descriptors, -100, 2);
        Assert.InRange(after.Threads - before.Threads, -100, 6);
        Assert.InRange(after.NativeMegabytes - before.NativeMegabytes, -100, 2);

        // It rises and falls by some tens: each connection's threads take memory where the last ones left gaps.
        Assert.InRange(after.ResidentMegabytes - before.ResidentMegabytes, -1000, 60);
    }

    private static async Task ReconnectAsync(RtspCamera camera, StreamRun run, int until)
    {
        while (run.Reader.Reconnects < until)
        {
            long count = run.Reader.Reconnects;
            await camera.TellAsync("kick");
            await run.Recorder.WaitAsync(() => run.Reader.Reconnects > count && run.Reader.State == SourceState.Live);
        }
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
            GC.Collect();
            GC.WaitForPendingFinalizers();
            string resident = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            MallocInfo native = GetMallocInfo();
            return new ProcessHoldings(
                Directory.GetFileSystemEntries("/proc/self/fd").Length,
                Directory.GetDirectories("/proc/self/task").Length,
                Math.Round((native.InUse + native.Mapped) / 1024.0 / 1024.0, 2),
                long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024);
        }
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
