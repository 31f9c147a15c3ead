using System.Collections.Immutable;
using Pipeline.Testing;

namespace Pipeline.Inference.Tests;

/// <summary>What the check of CUDA's libraries says, of folders with small libraries of the same names.</summary>
public sealed class CudaLibrariesTests : IDisposable
{
    private const string Works = "int cuInit(unsigned flags) { return 0; } int cuDriverGetVersion(int *v) { *v = 13000; return 0; }";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Load_AllInFolders_FindsThemInSubFoldersToo()
    {
        await MakeDriverAsync(Works);
        foreach (string name in new[]
        {
            "cu13/lib/libcudart.so.13", "cu13/lib/libnvrtc.so.13", "cu13/lib/libcublasLt.so.13", "cu13/lib/libcublas.so.13",
            "cu13/lib/libcurand.so.10", "cudnn/lib/libcudnn.so.9",
        })
        {
            await MakeAsync(name, "");
        }

        ImmutableArray<CudaLibrary> libraries = CudaLibraries.Load(ExecutionProvider.Cuda, [_folder["driver"], _folder.Path]);

        Assert.Null(CudaLibraries.Explain(libraries));
        Assert.Equal(_folder["driver/libcuda.so.1"], libraries[0].Path);
        Assert.Equal(_folder["cudnn/lib/libcudnn.so.9"], libraries[^1].Path);
    }

    [Fact]
    public async Task Load_LibraryInParts_LoadsThePartsBesideItToo()
    {
        await MakeDriverAsync(Works);
        await MakeAsync("cudnn/lib/libcudnn.so.9", "");
        foreach (string part in (string[])["cudnn_cnn.so.9", "cudnn_graph.so.9", "cudnn_graph.so.9.12"])
        {
            await MakeAsync($"cudnn/lib/lib{part}", "");
        }

        CudaLibraries.Load(ExecutionProvider.Cuda, [_folder.Path]);

        string[] loaded = [.. (await File.ReadAllLinesAsync("/proc/self/maps")).Where(line => line.Contains(_folder["cudnn"], StringComparison.Ordinal))
            .Select(line => Path.GetFileName(line)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Assert.Equal(["libcudnn.so.9", "libcudnn_cnn.so.9", "libcudnn_graph.so.9"], loaded);
    }

    [Theory]
    [InlineData("int cuInit(unsigned f) { return 100; } int cuDriverGetVersion(int *v) { *v = 13000; return 0; }", "finds no GPU")]
    [InlineData("int cuInit(unsigned f) { return 3; } int cuDriverGetVersion(int *v) { *v = 13000; return 0; }", "CUDA error 3")]
    [InlineData("int cuInit(unsigned f) { return 0; } int cuDriverGetVersion(int *v) { *v = 12040; return 0; }", "CUDA 12.4")]
    [InlineData("int other;", "no driver of NVIDIA's")]
    public async Task Load_DriverThatDoesNotServe_SaysWhy(string source, string problem)
    {
        await MakeDriverAsync(source);

        CudaLibrary driver = CudaLibraries.Load(ExecutionProvider.Cuda, [_folder["driver"]])[0];

        Assert.Contains(problem, driver.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_FileThatIsNoLibrary_SaysSoWithItsPath()
    {
        Directory.CreateDirectory(_folder["driver"]);
        await File.WriteAllTextAsync(_folder["driver/libcuda.so.1"], "text");

        CudaLibrary driver = CudaLibraries.Load(ExecutionProvider.Cuda, [_folder["driver"]])[0];

        Assert.Contains("does not load", driver.Problem, StringComparison.Ordinal);
        Assert.Contains(_folder["driver/libcuda.so.1"], driver.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_LibrariesMissing_NamesThemAndWhatToInstall()
    {
        await MakeDriverAsync(Works);

        string? text = CudaLibraries.Explain(
        [
            .. CudaLibraries.Load(ExecutionProvider.Cuda, [_folder["driver"]])[..1],
            new CudaLibrary("libnvrtc.so.13", "CUDA 13", null, "not found", IsOptional: true),
            new CudaLibrary("libcublas.so.13", "CUDA 13", null, "not found"),
            new CudaLibrary("libcurand.so.10", "CUDA 13", null, "not found"),
            new CudaLibrary("libcudnn.so.9", "cuDNN 9", null, "not found"),
        ]);

        Assert.Equal(
            "libcublas.so.13, libcurand.so.10 (CUDA 13): not found; libcudnn.so.9 (cuDNN 9): not found. Install CUDA 13 and cuDNN 9,"
                + " or name the folder that has the libraries in Inference:CudaLibraries (docs/gpu.md)",
            text);
    }

    [Fact]
    public void Load_NoSuchFolder_LooksInTheSystemsPlaces() =>
        Assert.Equal(9, CudaLibraries.Load(ExecutionProvider.TensorRt, [_folder["absent"]]).Length);

    private Task MakeDriverAsync(string source) => MakeAsync("driver/libcuda.so.1", source);

    // Without a name of its own inside, so that no other test of the process finds it when it looks for the real one.
    private async Task MakeAsync(string library, string source)
    {
        string path = _folder[library];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync($"{path}.c", source);
        CommandResult result = await Command.RunAsync(
            "g++", ["-x", "c", "-shared", "-fPIC", "-o", path, $"{path}.c"]);
        Assert.True(result.ExitCode == 0, result.Error);
    }
}
