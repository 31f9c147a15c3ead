using System.Text.Json;
using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>
/// The program where WebGPU is asked for, as its user sees it: without a Vulkan, and on chromium's, which the processor computes.
/// Alone: that takes all of a machine, and minutes where it has to share.
/// </summary>
[Collection(nameof(WebGpuTests))]
[CollectionDefinition(nameof(WebGpuTests), DisableParallelization = true)]
public sealed class WebGpuTests : IDisposable
{
    /// <summary>Chromium brings a Vulkan loader and a driver for machines without a GPU.</summary>
    private const string Chromium = "/usr/lib/chromium";

    private const string Driver = $"{Chromium}/vk_swiftshader_icd.json";

    private static readonly string[] Picture =
        ["run", "--source", Path.Combine(Repository.Root, "docs/images/demo.jpg"), "--jsonl", "-"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_LibraryWithoutWebGpu_SaysHowToFetchTheOtherOne()
    {
        CommandResult result = await RunAsync(new() { ["PIPELINE_Inference__CudaRuntime"] = _folder["absent"] });

        AssertRefused(result, $"is not in {_folder["absent"]}: ./pipeline setup --cuda");
    }

    [CudaSetUpFact]
    public async Task Run_NoVulkanLoader_NamesItInOneLine()
    {
        File.WriteAllText(_folder["libvulkan.so.1"], "no library");

        CommandResult result = await RunAsync(new() { ["LD_LIBRARY_PATH"] = _folder.Path });

        AssertRefused(result, "(webgpu: libvulkan.so.1 (the Vulkan loader) can't be loaded. Install it");
    }

    [VulkanFact]
    public async Task Run_NoVulkanDriver_SaysSoInOneLine()
    {
        CommandResult result = await RunAsync(OnDriver(_folder["absent.json"]));

        AssertRefused(result, "(webgpu: the Vulkan loader finds no driver. Install your GPU's Vulkan driver (docs/gpu.md))");
    }

    [VulkanFact]
    public async Task Run_NoVulkanDriverAndFallbackAllowed_RunsOnTheCpu()
    {
        Dictionary<string, string?> environment = OnDriver(_folder["absent.json"]);
        environment["PIPELINE_Inference__AllowFallback"] = "true";

        CommandResult result = await RunAsync(environment, "--report", _folder["report.json"]);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal("cpu", Provider());
    }

    [CudaSetUpFact]
    public async Task Run_DeviceChosen_IsRefused()
    {
        CommandResult result = await RunAsync(new() { ["PIPELINE_Inference__Device"] = "1" });

        AssertRefused(result, "(webgpu device 1: WebGPU chooses the GPU itself");
    }

    [VulkanFact]
    public async Task Run_SoftwareVulkan_FindsWhatTheCpuFinds()
    {
        CommandResult expected = await PipelineProgram.RunAsync([.. Picture, "--provider", "cpu"]);
        CommandResult result = await RunAsync(OnDriver(Driver), "--report", _folder["report.json"]);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal("webgpu", Provider());
        JsonElement[] wanted = DetectionsOf(expected), found = DetectionsOf(result);
        Assert.NotEmpty(wanted);
        Assert.Equal(wanted.Select(LabelOf), found.Select(LabelOf));
        Assert.All(wanted.Zip(found), pair => Assert.Equal(ScoreOf(pair.First), ScoreOf(pair.Second), 1e-3));

        // A thousandth of the picture's shorter side, in pixels.
        Assert.All(
            wanted.SelectMany(BoxOf).Zip(found.SelectMany(BoxOf)),
            pair => Assert.Equal(pair.First, pair.Second, .576));
    }

    [VulkanFact]
    public async Task Doctor_SoftwareVulkan_NamesItAndSaysThatItIsSlow()
    {
        CommandResult result = await PipelineProgram.RunAsync(OnDriver(Driver), "doctor");

        Assert.Matches("(?m)^ok +webgpu +works, on SwiftShader .*, which is the processor: slower than cpu$", result.Output);
    }

    [VulkanFact]
    public async Task Doctor_WebGpuWantedWithoutVulkanDriver_IsMissing()
    {
        Dictionary<string, string?> environment = OnDriver(_folder["absent.json"]);
        environment["PIPELINE_Inference__Provider"] = "webgpu";

        CommandResult result = await PipelineProgram.RunAsync(environment, "doctor");

        Assert.Equal(1, result.ExitCode);
        Assert.Matches("(?m)^missing +webgpu +not here: the Vulkan loader finds no driver", result.Output);
    }

    private static Task<CommandResult> RunAsync(Dictionary<string, string?> environment, params string[] options) =>
        PipelineProgram.RunAsync(environment, [.. Picture, "--provider", "webgpu", .. options]);

    // Mesa's layer, where it is installed, writes to standard error on machines without a session of a user.
    private static Dictionary<string, string?> OnDriver(string file) => new(StringComparer.Ordinal)
    {
        ["LD_LIBRARY_PATH"] = Chromium,
        ["VK_DRIVER_FILES"] = file,
        ["VK_ICD_FILENAMES"] = file,
        ["NODEVICE_SELECT"] = "1",
    };

    private static void AssertRefused(CommandResult result, string reason)
    {
        Assert.Equal(4, result.ExitCode);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    private string? Provider()
    {
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(_folder["report.json"]));
        return report.RootElement.GetProperty("provider").GetString();
    }

    private static JsonElement[] DetectionsOf(CommandResult result) =>
        [.. JsonDocument.Parse(result.Output).RootElement.GetProperty("detections").EnumerateArray()];

    private static string? LabelOf(JsonElement detection) => detection.GetProperty("label").GetString();

    private static double ScoreOf(JsonElement detection) => detection.GetProperty("score").GetDouble();

    private static IEnumerable<double> BoxOf(JsonElement detection) =>
        detection.GetProperty("box").EnumerateArray().Select(side => side.GetDouble());

    /// <summary>A test that also needs chromium's Vulkan.</summary>
    private sealed class VulkanFactAttribute : FactAttribute
    {
        public VulkanFactAttribute() => Skip = CudaSetUpFactAttribute.Missing
            ?? (File.Exists(Driver) ? null : $"There is no software Vulkan in {Chromium}.");
    }
}
