using System.Reflection;
using Pipeline.Host.Configuration;
using Pipeline.Inference;

namespace Pipeline.Host.CommandLine;

/// <summary>Words that shells offer behind an option or a command.</summary>
internal static class Candidates
{
    /// <summary>The names of the models in the configured folder; none where the configuration can't be read.</summary>
    public static IEnumerable<string> Models()
    {
        try
        {
            PipelineSettings settings = SettingsLoader.Load(path: null, new Dictionary<string, string?>(StringComparer.Ordinal));
            return ModelCatalog.List(ProgramHome.Resolve(settings.Model.Folder)).Select(model => model.Name);
        }
        catch (UsageException)
        {
            // Who presses the tabulator wants no explanation.
            return [];
        }
    }

    /// <summary>The providers that a configuration may name.</summary>
    public static IEnumerable<string> Providers() =>
        typeof(InferenceSettings).GetProperty(nameof(InferenceSettings.Provider))!.GetCustomAttribute<AllowedWordsAttribute>()!.Values;
}
