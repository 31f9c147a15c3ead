using BenchmarkDotNet.Attributes;
using Pipeline.Inference;

namespace Pipeline.Benchmarks;

/// <summary>From a frame to the default model's input, one thread: the preprocessor and OpenCV.</summary>
[MemoryDiagnoser]
public class PreprocessBenchmarks
{
    private Action _ours = null!;
    private Action _openCv = null!;
    private Action _cleanUp = null!;

    [Params(1920, 1280, 768)]
    public int Width { get; set; }

    [Params(ResizeRule.TfLegacy, ResizeRule.HalfPixel, ResizeRule.OpenCvLinear)]
    public ResizeRule Rule { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        int height = Width switch { 1920 => 1080, 1280 => 720, _ => 576 };
        var frame = new PreprocessCase(Width, height, PreprocessCase.MobileNet with { Resize = Rule });
        (_ours, _openCv, _cleanUp) = (frame.Ours, frame.OpenCv, frame.Dispose);
    }

    [GlobalCleanup]
    public void CleanUp() => _cleanUp();

    [Benchmark(Baseline = true)]
    public void Preprocessor() => _ours();

    [Benchmark]
    public void OpenCvResizeAndBlob() => _openCv();
}
