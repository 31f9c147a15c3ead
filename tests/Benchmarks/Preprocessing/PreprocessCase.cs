using System.Runtime.InteropServices;
using OpenCvSharp;
using OpenCvSharp.Dnn;
using Pipeline.Inference;

namespace Pipeline.Benchmarks;

/// <summary>A frame of random pixels, and both ways to make a model's input of it.</summary>
internal sealed class PreprocessCase : IDisposable
{
    /// <summary>The default model's input.</summary>
    public static readonly InputSpec MobileNet = new()
    {
        Name = "image",
        Width = 300,
        Height = 300,
        Mean = new ChannelValues(127.5f, 127.5f, 127.5f),
        Scale = new ChannelValues(1 / 127.5f, 1 / 127.5f, 1 / 127.5f),
        Resize = ResizeRule.TfLegacy,
    };

    private readonly Mat _frame;
    private readonly Mat _small = new();
    private readonly Preprocessor _preprocessor;
    private readonly byte[] _place;

    // OpenCV makes its blob anew each time. The C library gives blocks of that size back to the system until it has seen
    // a bigger one come and go, and then every run of OpenCV would pay for new pages: six times its own time.
    static unsafe PreprocessCase() => NativeMemory.Free(NativeMemory.Alloc(16 << 20));

    public PreprocessCase(int width, int height, InputSpec input)
    {
        Cv2.SetNumThreads(1);
        _frame = new Mat(height, width, MatType.CV_8UC3);
        Fill(_frame);
        _preprocessor = new Preprocessor(input);
        _place = new byte[input.ImageBytes];
    }

    public void Ours() =>
        _preprocessor.Run(new ImageView(_frame.Data, _frame.Cols, _frame.Rows, _frame.Step()), _place);

    public void OpenCv()
    {
        InputSpec input = _preprocessor.Input;
        var size = new Size(input.Width, input.Height);
        Cv2.Resize(_frame, _small, size);
        var mean = new Scalar(input.Mean.First, input.Mean.Second, input.Mean.Third);
        using Mat blob = CvDnn.BlobFromImage(_small, input.Scale.First, size, mean, swapRB: true, crop: false);
    }

    public void Dispose()
    {
        _small.Dispose();
        _frame.Dispose();
    }

    private static unsafe void Fill(Mat frame) =>
        new Random(1).NextBytes(new Span<byte>((void*)frame.Data, checked((int)(frame.Step() * frame.Rows))));
}
