using Pipeline.PostProcess;

namespace Pipeline.Inference;

/// <summary>The models of a folder: every NAME.json with its NAME.onnx.</summary>
public static class ModelCatalog
{
    /// <summary>
    /// Finds a model by its name, or by the path of its manifest or ONNX file, and reads its manifest.
    /// </summary>
    /// <param name="nameOrPath">
    /// A name of the folder's models, or a path: with a folder in it, or ending in .json or .onnx.
    /// </param>
    /// <param name="modelsFolder">Where names are looked for.</param>
    /// <exception cref="ModelException">There is no such model, or its manifest is not usable.</exception>
    public static ModelManifest Find(string nameOrPath, string modelsFolder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(nameOrPath);
        bool isFile = Path.GetExtension(nameOrPath).ToUpperInvariant() is ".JSON" or ".ONNX";
        if (isFile || nameOrPath.Contains(Path.DirectorySeparatorChar))
        {
            // A name may have a dot in it: what follows that is no ending, or another model would be taken.
            return ModelManifest.Load(isFile ? Path.ChangeExtension(nameOrPath, ".json") : $"{nameOrPath}.json");
        }

        string path = Path.Combine(modelsFolder, $"{nameOrPath}.json");
        if (File.Exists(path) || File.Exists(Path.ChangeExtension(path, ".onnx")))
        {
            return ModelManifest.Load(path);
        }

        string[] names = [.. NamesIn(modelsFolder)];
        string known = names.Length == 0
            ? "There is none yet: make the default one with 'models import'."
            : $"There are: {string.Join(", ", names)}.{NearestName.Suggest(nameOrPath, names)}";
        throw new ModelException($"There is no model '{nameOrPath}' in {modelsFolder}. {known}");
    }

    /// <summary>
    /// All models of a folder by name, those with a fault included. A folder that is not there has none.
    /// </summary>
    /// <param name="modelsFolder">The folder.</param>
    public static IReadOnlyList<ModelListing> List(string modelsFolder) =>
        [.. NamesIn(modelsFolder).Select(name => Look(name, modelsFolder))];

    /// <summary>A name for a new model, if it can be one: it becomes part of file names.</summary>
    /// <exception cref="ModelException">
    /// It has other characters than letters, digits, '-', '_' and '.', or begins with a '.'.
    /// </exception>
    internal static string CheckedName(string name) =>
        name is [not '.', ..] && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')
            ? name
            : throw new ModelException($"'{name}' is no name for a model: letters, digits, '-', '_' and '.' can be used.");

    /// <summary>A name for a model that is made of another one, which stays.</summary>
    /// <param name="name">The new name.</param>
    /// <param name="source">The model that it is made of.</param>
    /// <param name="modelsFolder">Where the new one is written.</param>
    /// <exception cref="ModelException">It can't be one, or its files would replace those of the other model.</exception>
    internal static string CheckedName(string name, ModelManifest source, string modelsFolder)
    {
        string path = Path.Combine(Path.GetFullPath(modelsFolder), CheckedName(name));
        return Path.Combine(source.Folder, source.Name) != path && source.OnnxPath != $"{path}.onnx"
            ? name
            : throw new ModelException($"'{name}' would replace the model that it is made of; give it another name.");
    }

    private static IEnumerable<string> NamesIn(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder)
            .Where(path => Path.GetExtension(path) is ".json" or ".onnx")
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
        : [];

    private static ModelListing Look(string name, string folder)
    {
        try
        {
            ModelManifest manifest = ModelManifest.Load(Path.Combine(folder, $"{name}.json"));
            return File.Exists(manifest.OnnxPath)
                ? new ModelListing(name, manifest, Problem: null)
                : new ModelListing(name, manifest, $"{manifest.OnnxPath} is missing.");
        }
        catch (ModelException exception)
        {
            return new ModelListing(name, Manifest: null, exception.Message);
        }
    }
}

/// <summary>A model of a folder.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Manifest">Its manifest; null where that is not usable.</param>
/// <param name="Problem">
/// Why it cannot be used; null where nothing speaks against it. The ONNX file's hash is not checked.
/// </param>
public sealed record ModelListing(string Name, ModelManifest? Manifest, string? Problem);
