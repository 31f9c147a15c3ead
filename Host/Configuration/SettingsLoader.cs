using System.Collections;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Pipeline.Host.Configuration;

/// <summary>Lays the sources of configuration over each other and refuses what it doesn't know.</summary>
internal static class SettingsLoader
{
    private const string FileName = "appsettings.json";
    private const string EnvironmentPrefix = "PIPELINE_";

    /// <summary>systemd sets it to the folder of StateDirectory=.</summary>
    private const string StateVariable = "STATE_DIRECTORY";

    private static readonly string[] ListKeys = ["Sources", "Detection:Classes", "Recording:Classes", "Http:Hosts", "Inference:CudaLibraries"];

    /// <summary>Reads appsettings.json, appsettings.local.json, PIPELINE_ variables and options, later ones on top.</summary>
    /// <param name="path">The configuration file the user named; null for the one of the program's home, where it exists.</param>
    /// <param name="options">Keys and values from the command line.</param>
    /// <exception cref="UsageException">A file is missing or no JSON, a key is not known, or a value is out of range.</exception>
    public static PipelineSettings Load(string? path, IReadOnlyDictionary<string, string?> options)
    {
        if (path is not null && !File.Exists(path))
        {
            throw new UsageException($"There is no configuration file '{path}'.");
        }

        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(Layers(path, options))
            .Build();
        SettingsCheck.Check(configuration);
        PipelineSettings settings = PatternSources.WriteOut(configuration.Get<PipelineSettings>() ?? new PipelineSettings());
        SettingsValidator.Validate(settings);
        return settings;
    }

    /// <summary>
    /// Where changes that shall outlast a run are written: appsettings.local.json beside appsettings.json. A service may not
    /// write there: it has a folder of its own, which systemd names.
    /// </summary>
    public static string LocalFile(string? path) => Environment.GetEnvironmentVariable(StateVariable) is { Length: > 0 } folder
        ? Path.Combine(folder, Path.GetFileName(FileBeside(path)))
        : FileBeside(path);

    /// <summary>What the configuration says where it names secrets, by what that stands for.</summary>
    /// <param name="path">The configuration file the user named; null for the one of the program's home.</param>
    /// <exception cref="UsageException">A file is no JSON, or there is no such secret any more.</exception>
    public static IReadOnlyDictionary<string, string> SecretTexts(string? path)
    {
        Dictionary<string, string?> keys = FileAndEnvironmentKeys(path);
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string? value) in Secrets.Resolve(keys))
        {
            if (value is not null && keys[key] is { } text && text != value)
            {
                texts[value] = text;
            }
        }

        return texts;
    }

    private static string MainFile(string? path) => Path.GetFullPath(path ?? ProgramHome.Resolve(FileName));

    private static string FileBeside(string? path)
    {
        string file = MainFile(path);

        // An installed program has a link to the service's configuration; the local file is beside that.
        string real = (File.Exists(file) ? File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName : null) ?? file;
        return Path.ChangeExtension(real, ".local.json");
    }

    /// <summary>The keys of a file; none where it is not there.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> KeysOf(string file)
    {
        try
        {
            if (!File.Exists(file))
            {
                return [];
            }

            // Opened here: the library passes over a file whose name begins with a dot.
            using FileStream content = File.OpenRead(file);
            return new ConfigurationBuilder().AddJsonStream(content).Build().AsEnumerable();
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new UsageException($"The configuration '{file}' is no valid JSON: {Reason(e.GetBaseException())}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The configuration '{file}' can't be read: {e.Message}", e);
        }
    }

    /// <summary>What a parser says, with the line as editors count it.</summary>
    private static string Reason(Exception e) => e is JsonException { LineNumber: { } line }
        ? string.Create(CultureInfo.InvariantCulture, $"line {line + 1}: {e.Message.Split(" LineNumber:")[0]}")
        : e.Message;

    /// <summary>
    /// Lays everything over each other. A list of the local file or of the options replaces the one below it whole; a variable
    /// may set a single key of an item, such as the address with the password.
    /// </summary>
    private static Dictionary<string, string?> Layers(string? path, IEnumerable<KeyValuePair<string, string?>> options)
    {
        var resolved = new Dictionary<string, string?>(Secrets.Resolve(FileAndEnvironmentKeys(path)), StringComparer.OrdinalIgnoreCase);
        Lay(resolved, options, replaceLists: true);
        return resolved;
    }

    private static Dictionary<string, string?> FileAndEnvironmentKeys(string? path)
    {
        var keys = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        Lay(keys, KeysOf(MainFile(path)), replaceLists: true);
        foreach (string local in new[] { FileBeside(path), LocalFile(path) }.Distinct(StringComparer.Ordinal))
        {
            Lay(keys, KeysOf(local), replaceLists: true);
        }

        Lay(keys, EnvironmentKeys(), replaceLists: false);
        return keys;
    }

    private static void Lay(Dictionary<string, string?> keys, IEnumerable<KeyValuePair<string, string?>> layer, bool replaceLists)
    {
        KeyValuePair<string, string?>[] above = [.. layer];
        foreach (string list in ListKeys.Where(list => replaceLists && Array.Exists(above, pair => IsOfList(pair.Key, list))))
        {
            Array.ForEach([.. keys.Keys.Where(key => IsOfList(key, list))], key => keys.Remove(key));
        }

        foreach ((string key, string? value) in above)
        {
            keys[key] = value;
        }
    }

    private static bool IsOfList(string key, string list) =>
        key.Equals(list, StringComparison.OrdinalIgnoreCase)
        || key.StartsWith(list + ConfigurationPath.KeyDelimiter, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// PIPELINE_Detection__Score=.5 sets Detection:Score. Variables without the double underscore (PIPELINE_CACHE of the
    /// set-up) are no configuration, but for one that would be a key if it had it.
    /// </summary>
    private static IEnumerable<KeyValuePair<string, string?>> EnvironmentKeys()
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            string name = (string)variable.Key;
            if (!name.StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
            {
                continue;
            }

            string key = name[EnvironmentPrefix.Length..];
            if (name.Contains("__", StringComparison.Ordinal))
            {
                key = key.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
                yield return new KeyValuePair<string, string?>(key, (string?)variable.Value);
            }
            else if (SettingsCheck.IsKey(key.Split('_')))
            {
                string meant = EnvironmentPrefix + key.Replace("_", "__", StringComparison.Ordinal);
                throw new UsageException($"The variable {name} sets nothing: write {meant}, with two underscores between the parts of a key.");
            }
        }
    }
}
