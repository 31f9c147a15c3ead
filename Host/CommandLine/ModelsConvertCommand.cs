using System.CommandLine;
using Pipeline.Inference;

namespace Pipeline.Host.CommandLine;

/// <summary>models convert: the same model in another precision.</summary>
internal static class ModelsConvertCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="config">The models commands' --config.</param>
    public static Command Create(Option<string?> config)
    {
        Argument<string> model = ModelsCommand.CreateName();
        var half = new Option<bool>("--half") { Description = "To half precision, for GPUs", Required = true };
        var name = new Option<string?>("--name") { Description = "Name of the new model (default: NAME-fp16)", HelpName = "NEW" };
        var command = new Command("convert", "Write a model in half precision.") { model, half, name, config };
        command.SetAction((result, cancellationToken) => Task.Run(
            () =>
            {
                if (!result.GetValue(half))
                {
                    throw new UsageException("models convert takes --half: there is no other precision to convert to.");
                }

                string folder = ModelsCommand.ModelsFolder(result.GetValue(config));
                ModelManifest manifest = ModelCatalog.Find(result.GetRequiredValue(model), folder);
                ModelsCommand.Show(HalfPrecisionConverter.Convert(manifest, result.GetValue(name), folder));
            },
            cancellationToken));
        return command;
    }
}
