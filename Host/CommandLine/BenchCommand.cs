using System.CommandLine;
using Pipeline.Host.Bench;
using Pipeline.Host.Configuration;
using Pipeline.Host.Running;
using Pipeline.Inference;
using Pipeline.Render;

namespace Pipeline.Host.CommandLine;

/// <summary>bench: how close the pipeline comes to the bare session, and what each stage costs alone.</summary>
internal static class BenchCommand
{
    private const int Frames = 795;
    private const int SyntheticFrames = 200;
    private const int Rounds = 3;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var json = new Option<string?>("--json") { Description = "Write the figures to a file", HelpName = "PATH" };
        var source = new Option<string?>("--source") { Description = "The video to measure on (default: the sample video)", HelpName = "PATH" };
        var model = new Option<string?>("--model") { Description = "A model's name, or the path of its .onnx file", HelpName = "NAME|PATH" };
        var provider = new Option<string?>("--provider") { Description = "auto, cpu, cuda, tensorrt or webgpu", HelpName = "NAME" };
        var threads = new Option<string?>("--threads") { Description = "Threads of one run of the model (default: cores - 1)", HelpName = "N" };
        var models = new Option<bool>("--models") { Description = "Measure SSD300 and SSD512 too: minutes on a CPU" };
        var synthetic = new Option<bool>("--synthetic") { Description = "Leave out all that needs OpenCV or a video" };
        var command = new Command("bench", "Measure the pipeline against the bare session, and each stage alone.")
        {
            json, source, model, provider, threads, models, synthetic, BenchDeviceCommand.Create(),
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            Load(new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["Sources:0:Uri"] = result.GetValue(synthetic) ? "test://64x48@1" : result.GetValue(source) ?? SampleVideo,
                ["Model:Name"] = result.GetValue(model),
                ["Inference:Provider"] = result.GetValue(provider),
                ["Inference:Threads"] = result.GetValue(threads) ?? $"{Math.Max(1, Environment.ProcessorCount - 1)}",
            }),
            result.GetValue(synthetic),
            result.GetValue(models),
            result.GetValue(json),
            cancellationToken));
        return command;
    }

    /// <summary>The sample video that the set-up has put into its cache.</summary>
    /// <exception cref="UsageException">It is not there.</exception>
    private static string SampleVideo
    {
        get
        {
            string? cache = Environment.GetEnvironmentVariable("PIPELINE_CACHE");
            string path = Path.Combine(cache ?? "", "sample", "vtest.avi");
            return cache is not null && File.Exists(path)
                ? path
                : throw new UsageException("The sample video is not known here: run ./pipeline bench, or give --source.");
        }
    }

    private static PipelineSettings Load(Dictionary<string, string?> options) => SettingsLoader.Load(
        path: null,
        options.Where(option => option.Value is not null).ToDictionary(StringComparer.Ordinal));

    private static async Task<int> RunAsync(
        PipelineSettings settings, bool synthetic, bool models, string? json, CancellationToken cancellationToken)
    {
        // Opened before the work: nobody wants to hear after minutes that it can't be written.
        await using FileStream? file = json is null ? null : OutputFile.Create(json);
        ModelSessionOptions options = RunModel.OptionsOf(settings.Inference);
        int frames = synthetic ? SyntheticFrames : Frames;
        using var bench = new BenchRunner(settings, frames, Rounds, Console.Error);
        if (synthetic)
        {
            bench.RunSession(cancellationToken);
        }
        else
        {
            await bench.RunAsync(cancellationToken);
        }

        var report = new BenchReport(
            new MachineFacts(
                Machine.ProcessorName, Environment.ProcessorCount, settings.Model.Name, bench.Provider, options.Threads, frames, Rounds),
            bench.SessionFigures,
            synthetic ? null : bench.PipelineFigures,
            synthetic ? null : bench.ProcessFigures,
            synthetic ? null : bench.StartupFigures,
            StageBench.Preprocess(againstOpenCv: !synthetic, cancellationToken),
            StageBench.Postprocess(cancellationToken),
            models ? MeasureModels(options, cancellationToken) : null);
        Console.Write(synthetic ? "" : BenchTable.DrawPipeline(bench, report.Machine));
        Console.Write(BenchTable.DrawStages(report));
        if (file is not null)
        {
            OutputFile.Write(file, report.ToJson());
        }

        return ExitCode.Done;
    }

    private static ModelsFigures MeasureModels(ModelSessionOptions options, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("ssd-pipeline-models-").FullName;
        try
        {
            return ModelBench.Measure(options, folder, Console.Error, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
