using System.CommandLine;
using System.Globalization;
using Pipeline.Capture;
using Pipeline.Host.Running;
using Pipeline.Inference;

namespace Pipeline.Host.CommandLine;

/// <summary>models quantize: an 8-bit model, and how it compares with the one it was made from.</summary>
internal static class ModelsQuantizeCommand
{
    private const int DefaultPictures = 160;

    /// <summary>Makes the command.</summary>
    /// <param name="config">The option that names the configuration file, which knows the models' folder.</param>
    public static Command Create(Option<string?> config)
    {
        Argument<string> model = ModelsCommand.CreateName();
        var source = new Option<string>("--calibrate")
        {
            Description = "A source of pictures like those that the model will see",
            HelpName = "SOURCE",
            Required = true,
        };
        var pictures = new Option<int>("--pictures")
        {
            Description = "Most pictures to take of it, evenly spread: every other to calibrate, the rest to compare",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultPictures,
        };
        var threads = new Option<int>("--threads")
        {
            Description = "Threads of a run in the comparison (default: one a core)",
            HelpName = "N",
        };
        var name = new Option<string?>("--name")
        {
            Description = "Name of the new model (default: NAME-int8)",
            HelpName = "NEW",
        };
        var command = new Command("quantize", "Write a model in 8 bits, for CPUs.")
        {
            model, source, pictures, threads, name, config,
        };
        command.SetAction((result, cancellationToken) => Task.Run(
            () => Quantize(
                result.GetRequiredValue(model),
                SourceAddress.Parse(result.GetRequiredValue(source)),
                AtLeast(2, "--pictures", result.GetValue(pictures)),
                AtLeast(0, "--threads", result.GetValue(threads)),
                result.GetValue(name),
                ModelsCommand.ModelsFolder(result.GetValue(config)),
                cancellationToken),
            cancellationToken));
        return command;
    }

    private static int AtLeast(int least, string option, int value) => value >= least
        ? value
        : throw new UsageException(string.Create(
            CultureInfo.InvariantCulture, $"{option} is {value}; it must be at least {least}."));

    private static void Quantize(
        string model,
        SourceAddress source,
        int pictures,
        int threads,
        string? name,
        string folder,
        CancellationToken cancellationToken)
    {
        ModelManifest manifest = ModelCatalog.Find(model, folder);
        List<ReadOnlyMemory<byte>> prepared = PreparedPictures.Read(source, manifest.Input, pictures, cancellationToken);
        ModelReport report = ModelQuantizer.Quantize(
            manifest,
            prepared.Where((_, index) => index % 2 == 0),
            new QuantizationOptions { Name = name },
            folder,
            cancellationToken);
        ModelsCommand.Show(report);
        DetectionAgreement agreement = DetectionAgreement.Measure(
            manifest,
            report.Manifest,
            prepared.Where((_, index) => index % 2 == 1),
            new ModelSessionOptions { Provider = ExecutionProvider.Cpu, Threads = threads },
            TimeProvider.System,
            cancellationToken);
        Show(agreement);
    }

    private static void Show(DetectionAgreement agreement)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"on {agreement.Images} other pictures: {agreement.Matched} of {agreement.ReferenceDetections} detections found again (same class, IoU ≥ {DetectionAgreement.MatchIou}), {agreement.OtherDetections - agreement.Matched} new ones"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"scores differ by {agreement.MeanScoreDifference:F3} on average, by {agreement.LargestScoreDifference:F3} at most"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"a run takes {agreement.OtherMilliseconds:F1} ms instead of {agreement.ReferenceMilliseconds:F1} ms (median): {agreement.ReferenceMilliseconds / agreement.OtherMilliseconds:F1} times as fast"));
    }
}
