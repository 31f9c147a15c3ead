using System.CommandLine;
using System.Globalization;
using Pipeline.Host.Bench;
using Pipeline.Host.Configuration;
using Pipeline.Host.Running;
using Pipeline.Inference;
using Pipeline.Render;

namespace Pipeline.Host.CommandLine;

/// <summary>bench device: one model on one device, in every precision.</summary>
internal static class BenchDeviceCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var model = new Argument<string>("model")
        {
            Description = "ssd300-vgg16 or ssd512-vgg16 (with random weights), or a model's name",
            HelpName = "MODEL",
        };
        var json = new Option<string?>("--json") { Description = "Write the figures to a file", HelpName = "PATH" };
        var provider = new Option<string?>("--provider") { Description = "auto, cpu, cuda, tensorrt or webgpu", HelpName = "NAME" };
        var batches = new Option<string>("--batches")
        {
            Description = "Images of a run",
            HelpName = "N,N",
            DefaultValueFactory = _ => "1,8,32",
        };
        var setups = new Option<string?>("--setups")
        {
            Description = "Ways of running it, measured in this order, as \"fp32,fp16 graph\" (default: all, the most wanted first)",
            HelpName = "NAME,NAME",
        };
        var seconds = new Option<double>("--seconds")
        {
            Description = "How long each figure is measured",
            HelpName = "N",
            DefaultValueFactory = _ => 2,
        };
        var pictures = new Option<string?>("--pictures")
        {
            Description = "PPM pictures in one file, to compare detections with the CPU's (default: noise)",
            HelpName = "PATH",
        };
        var command = new Command("device", "Measure a model on a GPU in every precision, its copies included. Needs no OpenCV.")
        {
            model, json, provider, setups, batches, seconds, pictures,
        };
        command.SetAction((result, cancellationToken) => Task.Run(
            () => UntilStopped(stop => Run(
                result.GetRequiredValue(model),
                SettingsLoader.Load(path: null, result.GetValue(provider) is { } name
                    ? new Dictionary<string, string?>(StringComparer.Ordinal) { ["Inference:Provider"] = name }
                    : []),
                result.GetValue(setups),
                BatchesOf(result.GetValue(batches)!),
                TimeSpan.FromSeconds(Math.Max(0, result.GetValue(seconds))),
                result.GetValue(pictures),
                result.GetValue(json),
                stop)),
            cancellationToken));
        return command;
    }

    /// <summary>
    /// Runs to the end, or to the first signal, after which nothing is left behind but what was measured: that is no fault.
    /// </summary>
    private static int UntilStopped(Action<CancellationToken> run)
    {
        using var stop = new StopSignals();
        try
        {
            run(stop.Token);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            Console.Error.WriteLine("ssd-pipeline: stopped; what was measured before is kept");
        }

        return ExitCode.Done;
    }

    private static int[] BatchesOf(string text)
    {
        int[] batches =
        [
            .. text.Split(',').Select(part => int.TryParse(part, CultureInfo.InvariantCulture, out int batch) ? batch : 0),
        ];
        return batches.All(batch => batch is >= 1 and <= ModelSessionOptions.MaximumBatch)
            ? batches
            : throw new UsageException(
                $"--batches is '{text}', which is not allowed: whole numbers from 1 to {ModelSessionOptions.MaximumBatch}, as 1,8,32.");
    }

    private static void Run(
        string model,
        PipelineSettings settings,
        string? setups,
        int[] batches,
        TimeSpan duration,
        string? picturesPath,
        string? json,
        CancellationToken cancellationToken)
    {
        ModelSessionOptions options = WithProvider(RunModel.OptionsOf(settings.Inference));
        IReadOnlyList<DeviceSetup> chosen = DeviceSetup.Named(options.Provider, setups);
        string folder = Directory.CreateTempSubdirectory("ssd-pipeline-device-").FullName;
        try
        {
            string models = ProgramHome.Resolve(settings.Model.Folder);
            Vgg16SsdVariant? built = Vgg16SsdNetworks.Find(model);
            ModelManifest single = built is { } variant
                ? Vgg16SsdBuilder.Build(new Vgg16SsdOptions { Variant = variant }, folder, cancellationToken).Manifest
                : ModelCatalog.Find(model, models);
            ModelManifest half = HalfPrecisionConverter.Convert(single, name: null, folder).Manifest;
            IReadOnlyList<Picture> pictures = picturesPath is null
                ? [Picture.Noise(single.Input.Width, single.Input.Height, seed: 1)]
                : Picture.ReadAll(picturesPath);
            var bench = new DeviceBench(single, half, hasRandomWeights: built is not null, options, duration, pictures);
            var figures = new List<SetupFigures>();
            Console.Write(DeviceTable.Head(single.Name));
            foreach (DeviceSetup setup in chosen)
            {
                foreach (int batch in batches)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    figures.Add(bench.Measure(setup, batch, cancellationToken));
                    Console.Write(DeviceTable.Row(figures[^1]));

                    // Written anew each time: whatever happens next, what was measured is there.
                    string? device = Machine.DeviceName;
                    Write(json, new DeviceReport(Machine.ProcessorName, device, single.Name, pictures.Count, figures));
                }
            }

            RefuseStrayed(figures);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Figures of a device that computes something else are worth nothing.</summary>
    private static void RefuseStrayed(IEnumerable<SetupFigures> figures)
    {
        string[] strayed =
        [
            .. figures.Where(setup => setup.Parity is { IsWithinBounds: false }).Select(setup => $"{setup.Setup} at batch {setup.Batch}"),
        ];
        if (strayed.Length > 0)
        {
            throw new ModelException(
                $"Results are further from the CPU's than they may be (docs/gpu.md): {string.Join(", ", strayed)}.");
        }
    }

    /// <summary>Puts what works in the place of 'auto', and has the library for it chosen for the process.</summary>
    /// <exception cref="ModelException">The provider that was asked for does not work.</exception>
    private static ModelSessionOptions WithProvider(ModelSessionOptions options)
    {
        if (ProviderCheck.FindFault(options, out _) is { } fault)
        {
            throw new ModelException($"ONNX Runtime can't be loaded: {fault}");
        }

        bool isAuto = options.Provider == ExecutionProvider.Auto;
        ExecutionProvider provider = isAuto ? ExecutionProvider.Cuda : options.Provider;
        string? problem = ProviderCheck.WhyNot(provider, options);
        return problem is null || isAuto
            ? options with { Provider = problem is null ? provider : ExecutionProvider.Cpu }
            : throw new ModelException($"--provider {provider.ToString().ToLowerInvariant()} does not work: {problem}");
    }

    private static void Write(string? path, DeviceReport report)
    {
        if (path is not null)
        {
            // What was measured before is in the file until there is more.
            byte[] figures = report.ToJson();
            using FileStream file = OutputFile.Create(path);
            OutputFile.Write(file, figures);
        }
    }
}
