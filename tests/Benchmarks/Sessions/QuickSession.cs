using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Pipeline.Inference;
using Pipeline.Testing;

namespace Pipeline.Benchmarks;

/// <summary>
/// The default model's session on the CPU at each batch size, number of threads, and with and without spinning: what
/// the defaults rest on. Rounds are taken in turn, so that a noisy neighbour meets all alike, and last long enough for the
/// scheduler to have spread a session's threads, which sleep while the others are measured.
/// </summary>
internal static class QuickSession
{
    private const int Rounds = 7;
    private const int ImagesPerRound = 96;

    public static void Run()
    {
        ModelManifest manifest = ModelManifest.Load(Path.ChangeExtension(Repository.DefaultModel, ".json"));
        int[] threadCounts = Environment.ProcessorCount == 1 ? [1] : [1, Environment.ProcessorCount];
        var cases = new List<SessionCase>();
        foreach (int threads in threadCounts)
        {
            foreach (bool spinning in new[] { false, true })
            {
                cases.AddRange(new[] { 1, 4, 8 }.Select(batch => new SessionCase(manifest, threads, spinning, batch)));
            }
        }

        for (int round = 0; round < Rounds; round++)
        {
            cases.ForEach(one => one.Round(ImagesPerRound));
        }

        Console.WriteLine($"{manifest.Name}, {Environment.ProcessorCount} processors");
        Console.WriteLine(
            $"{"threads",8}{"spinning",10}{"batch",7}{"median ms/image",18}{"best ms/image",16}{"CPU-ms/image",15}");
        cases.ForEach(Console.WriteLine);
        cases.ForEach(one => one.Dispose());
    }

    private sealed class SessionCase : IDisposable
    {
        private readonly int _threads;
        private readonly bool _spinning;
        private readonly OnnxModelSession _session;
        private readonly BatchSlot _slot;
        private readonly List<double> _milliseconds = [];
        private readonly List<double> _processorMilliseconds = [];

        public SessionCase(ModelManifest manifest, int threads, bool spinning, int batch)
        {
            (_threads, _spinning) = (threads, spinning);
            _session = OnnxModelSession.Open(
                manifest.OnnxPath,
                manifest.Signature,
                new()
                {
                    Provider = ExecutionProvider.Cpu,
                    Threads = threads,
                    Spinning = spinning,
                    BatchSizes = [batch],
                });
            _slot = _session.CreateSlot();
            _slot.ImageCount = batch;
            var random = new Random(1);
            for (int image = 0; image < batch; image++)
            {
                foreach (ref float value in MemoryMarshal.Cast<byte, float>(_slot.Input(image)))
                {
                    value = (2 * random.NextSingle()) - 1;
                }
            }
        }

        public void Round(int images)
        {
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            for (int done = 0; done < images; done += _slot.ImageCount)
            {
                _session.Run(_slot);
            }

            _milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds / images);
            _processorMilliseconds.Add((Environment.CpuUsage.TotalTime - processor).TotalMilliseconds / images);
        }

        public override string ToString()
        {
            string how = $"{_threads,8}{(_spinning ? "yes" : "no"),10}{_slot.ImageCount,7}";
            double median = Median(_milliseconds);
            double processor = Median(_processorMilliseconds);
            return string.Create(
                CultureInfo.InvariantCulture, $"{how}{median,18:F2}{_milliseconds.Min(),16:F2}{processor,15:F1}");
        }

        public void Dispose()
        {
            _slot.Dispose();
            _session.Dispose();
        }

        private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
    }
}
