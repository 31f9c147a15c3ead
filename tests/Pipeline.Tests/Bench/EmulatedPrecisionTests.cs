using Pipeline.Host.Bench;
using Pipeline.Inference;
using Pipeline.PostProcess;
using Pipeline.Testing;

namespace Pipeline.Tests.Bench;

/// <summary>
/// The bounds of each precision hold what the precision loses on the default model, and tell one from another: emulated on the
/// processor, on ten pictures of the sample video.
/// </summary>
public sealed class EmulatedPrecisionTests : IAsyncLifetime, IDisposable
{
    private static readonly ModelSessionOptions Cpu = new() { Provider = ExecutionProvider.Cpu };

    private readonly TemporaryFolder _folder = new();
    private readonly ModelManifest _model = ModelCatalog.Find(Repository.DefaultModel, Repository.Models);
    private IReadOnlyList<Picture> _pictures = [];

    public async Task InitializeAsync()
    {
        CommandResult result = await Command.RunAsync("ffmpeg",
        [
            "-v", "error", "-i", Repository.SampleVideo, "-vf", "select='not(mod(n,80))'", "-frames:v", "10", "-fps_mode", "passthrough",
            "-f", "image2pipe", "-c:v", "ppm", _folder["pictures.ppm"],
        ]);
        Assert.True(result.ExitCode == 0, result.Error);
        _pictures = Picture.ReadAll(_folder["pictures.ppm"]);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Single_ByWinogradsAlgorithm_IsWithinItsBounds()
    {
        ParityFigures figures = Compare(Emulated(EmulatedPrecision.Winograd), _model, ParityBounds.Single);

        Assert.True(figures.IsWithinBounds, figures.ToString());
        Assert.Equal(_pictures.Count, figures.SameDetections);
    }

    [Fact]
    public void TensorFloat32_IsWithinItsBoundsAndFarBeyondThoseOfSingle()
    {
        ParityFigures figures = Compare(Emulated(EmulatedPrecision.TensorFloat32), _model, ParityBounds.TensorFloat32);

        Assert.True(figures.IsWithinBounds, figures.ToString());
        Assert.False(ParityBounds.Single.Allow(figures.BoxShare / 10), figures.ToString());
        Assert.False(ParityBounds.Single.Allow(figures.ScoreShare / 10), figures.ToString());
    }

    [Fact]
    public void Half_IsWithinItsBounds()
    {
        ModelManifest half = HalfPrecisionConverter.Convert(_model, name: null, _folder.Path).Manifest;

        ParityFigures figures = Compare(half.OnnxPath, half, ParityBounds.Half);

        Assert.True(figures.IsWithinBounds, figures.ToString());
        Assert.Equal(_pictures.Count, figures.SameDetections);
    }

    private string Emulated(Func<byte[], byte[]> rewrite)
    {
        File.WriteAllBytes(_folder["emulated.onnx"], rewrite(File.ReadAllBytes(_model.OnnxPath)));
        return _folder["emulated.onnx"];
    }

    private ParityFigures Compare(string onnx, ModelManifest manifest, ParityBounds bounds)
    {
        PictureResult[] expected = Run(_model.OnnxPath, _model), found = Run(onnx, manifest);
        var check = new ParityCheck(bounds, hasRandomWeights: false);
        for (int i = 0; i < expected.Length; i++)
        {
            check.Add(expected[i], found[i], isFirst: true);
        }

        return check.Figures;
    }

    private PictureResult[] Run(string onnx, ModelManifest manifest)
    {
        using OnnxModelSession session = OnnxModelSession.Open(onnx, manifest.Signature, Cpu);
        using BatchSlot slot = session.CreateSlot();
        var preprocessor = new Preprocessor(manifest.Input);
        IDetectionDecoder decoder = manifest.CreateDecoder();
        slot.ImageCount = 1;
        return [.. _pictures.Select(Result)];

        PictureResult Result(Picture picture)
        {
            picture.Prepare(preprocessor, slot.Input(0));
            session.Run(slot);
            return PictureResult.Of(slot.Outputs(0), decoder);
        }
    }
}
