using System.CommandLine;
using System.Globalization;
using Pipeline.Inference;

namespace Pipeline.Host.CommandLine;

/// <summary>models build: writes the paper's own networks.</summary>
internal static class ModelsBuildCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="config">The models commands' --config.</param>
    public static Command Create(Option<string?> config)
    {
        var network = new Argument<string>("network") { Description = "ssd300-vgg16 or ssd512-vgg16", HelpName = "NETWORK" };
        var classes = new Option<string?>("--classes") { Description = "Classes, the background included (default: 21)", HelpName = "N" };
        var half = new Option<bool>("--half") { Description = "In half precision" };
        var weights = new Option<string?>("--weights")
        {
            Description = "Trained weights: a safetensors file of ssd.pytorch or torchvision (default: random ones)",
            HelpName = "PATH",
        };
        var name = new Option<string?>("--name") { Description = "What to call the model", HelpName = "NAME" };
        var command = new Command("build", "Write the SSD paper's network as ONNX.") { network, classes, half, weights, name, config };
        command.SetAction((result, cancellationToken) =>
        {
            var options = new Vgg16SsdOptions
            {
                Variant = VariantOf(result.GetRequiredValue(network)),
                Columns = ColumnsOf(result.GetValue(classes)),
                HalfPrecision = result.GetValue(half),
                WeightsFile = result.GetValue(weights),
                Name = result.GetValue(name),
            };
            string folder = ModelsCommand.ModelsFolder(result.GetValue(config));
            return Task.Run(() => ModelsCommand.Show(Vgg16SsdBuilder.Build(options, folder, cancellationToken)), cancellationToken);
        });
        return command;
    }

    private static Vgg16SsdVariant VariantOf(string network) => Vgg16SsdNetworks.Find(network)
        ?? throw new UsageException($"There is no network '{network}': ssd300-vgg16 and ssd512-vgg16 can be built.");

    private static int? ColumnsOf(string? classes)
    {
        if (classes is null)
        {
            return null;
        }

        return int.TryParse(classes, CultureInfo.InvariantCulture, out int columns) && columns is >= Vgg16SsdOptions.LeastColumns and <= Vgg16SsdOptions.MostColumns
            ? columns
            : throw new UsageException(
                $"--classes is '{classes}', which is not allowed: {Vgg16SsdOptions.LeastColumns} to {Vgg16SsdOptions.MostColumns}, the background included.");
    }
}
