using System.Diagnostics;
using System.Globalization;
using Pipeline.Inference;
using Pipeline.PostProcess;

namespace Pipeline.Benchmarks;

/// <summary>
/// Preprocessing against OpenCV's resize and blobFromImage, on one thread, the frame hot in cache: medians and minima
/// of many short rounds, taken in turn, so that a noisy neighbour meets all cases alike.
/// </summary>
internal static class QuickPreprocess
{
    private const int Rounds = 300;

    /// <summary>Short against a time slice of the scheduler, so that most rounds run undisturbed on a busy machine.</summary>
    private const int RoundMilliseconds = 1;

    public static void Run()
    {
        Console.WriteLine($"vectors of {VectorWidth.Bits} bits, to 300×300");
        Console.WriteLine($"{"case",-36}{"median µs",12}{"best µs",12}{"OpenCV ÷ ours",16}");
        (int, int)[] sizes = [(1920, 1080), (1280, 720), (768, 576), (640, 480), (300, 300), (160, 120), (1920, 2)];
        foreach ((int width, int height) in sizes)
        {
            Compare(width, height);
        }
    }

    private static void Compare(int width, int height)
    {
        InputSpec plain = PreprocessCase.MobileNet;
        (string Name, InputSpec Input)[] inputs =
        [
            ("tf-legacy", plain),
            ("half-pixel", plain with { Resize = ResizeRule.HalfPixel }),
            ("opencv-linear", plain with { Resize = ResizeRule.OpenCvLinear }),
            ("tf-legacy, half precision", plain with { Element = TensorElement.Float16 }),
            ("tf-legacy, interleaved", plain with { Layout = TensorLayout.Nhwc }),
            ("tf-legacy, letterboxed", plain with { Fit = FitRule.Letterbox }),
        ];
        PreprocessCase[] cases = [.. inputs.Select(input => new PreprocessCase(width, height, input.Input))];
        Timed openCv = new("OpenCV", cases[0].OpenCv);
        Timed[] ours = [.. inputs.Zip(cases, (input, one) => new Timed(input.Name, one.Ours))];
        for (int round = 0; round < Rounds; round++)
        {
            openCv.Round();
            Array.ForEach(ours, timed => timed.Round());
        }

        foreach (Timed timed in ours.Prepend(openCv))
        {
            string name = $"{width}×{height} {timed.Name}";
            double ratio = openCv.Best / timed.Best;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{name,-36}{timed.Median,12:F1}{timed.Best,12:F1}{ratio,16:F2}"));
        }

        Array.ForEach(cases, one => one.Dispose());
    }

    /// <summary>An action with its times.</summary>
    private sealed class Timed
    {
        private readonly Action _action;
        private readonly List<double> _microseconds = [];
        private readonly int _repeats;

        public Timed(string name, Action action)
        {
            Name = name;
            _action = action;
            var watch = Stopwatch.StartNew();
            int runs = 0;

            // Long enough for the runtime to compile the hot methods at its highest tier.
            while (watch.ElapsedMilliseconds < 500 || runs < 100)
            {
                action();
                runs++;
            }

            _repeats = Math.Max(1, (int)(runs * RoundMilliseconds / watch.ElapsedMilliseconds));
        }

        public string Name { get; }

        public double Median => _microseconds.Order().ElementAt(_microseconds.Count / 2);

        public double Best => _microseconds.Min();

        public void Round()
        {
            // What it reads and writes is in the caches then; the other cases had them last.
            _action();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < _repeats; i++)
            {
                _action();
            }

            _microseconds.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / _repeats);
        }
    }
}
