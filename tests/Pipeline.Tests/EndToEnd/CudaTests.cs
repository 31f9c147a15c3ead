using System.Text.Json;
using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>
/// The program where CUDA is asked for and there is no GPU, as its user sees it. CUDA_VISIBLE_DEVICES hides one that is there.
/// </summary>
public sealed class CudaTests : IDisposable
{
    private static readonly string[] Source = ["run", "--source", "test://320x240@1000?count=2"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_CudaNotSetUp_SaysHowToSetItUp()
    {
        CommandResult result = await RunAsync([new("PIPELINE_Inference__CudaRuntime", _folder["absent"])], "--provider", "cuda");

        Assert.Equal(4, result.ExitCode);
        Assert.Contains($"is not in {_folder["absent"]}: ./pipeline setup --cuda", result.Error, StringComparison.Ordinal);
    }

    [CudaSetUpFact]
    public async Task Run_CudaSetUpWithoutGpu_NamesTheDriver()
    {
        CommandResult result = await RunAsync([], "--provider", "cuda");

        Assert.Equal(4, result.ExitCode);
        Assert.Contains("libcuda.so.1 (NVIDIA's driver): ", result.Error, StringComparison.Ordinal);
        Assert.Contains("docs/gpu.md", result.Error, StringComparison.Ordinal);
    }

    [CudaSetUpFact]
    public async Task Run_CudaSetUpWithoutGpuAndFallbackAllowed_RunsOnTheCpuAndSaysSo()
    {
        CommandResult result = await RunAsync(
            [new("PIPELINE_Inference__AllowFallback", "true")], "--provider", "cuda", "--report", _folder["report.json"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("warning: The model runs on cpu, for want of cuda: libcuda.so.1", result.Error, StringComparison.Ordinal);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder["report.json"]));
        Assert.Equal("cpu", report.RootElement.GetProperty("provider").GetString());
    }

    [CudaSetUpFact]
    public async Task Run_LibraryBuiltWithCuda_FindsOnTheCpuWhatTheOtherOneFinds()
    {
        string[] picture = ["run", "--source", Path.Combine(Repository.Root, "docs/images/demo.jpg"), "--jsonl", "-"];

        CommandResult expected = await PipelineProgram.RunAsync([.. picture, "--provider", "cpu"]);
        CommandResult result = await PipelineProgram.RunAsync(WithoutGpu([]), [.. picture, "--provider", "auto"]);

        Assert.NotEqual("[]", DetectionsOf(expected));
        Assert.Equal(DetectionsOf(expected), DetectionsOf(result));
    }

    private static string DetectionsOf(CommandResult result)
    {
        using JsonDocument line = JsonDocument.Parse(result.Output);
        return line.RootElement.GetProperty("detections").GetRawText();
    }

    private static Task<CommandResult> RunAsync(KeyValuePair<string, string?>[] environment, params string[] options) =>
        PipelineProgram.RunAsync(WithoutGpu(environment), [.. Source, .. options]);

    private static Dictionary<string, string?> WithoutGpu(IEnumerable<KeyValuePair<string, string?>> environment) =>
        new([new("CUDA_VISIBLE_DEVICES", ""), .. environment], StringComparer.Ordinal);
}
