using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Pipeline.PostProcess;

namespace Pipeline.Host.Configuration;

/// <summary>Lays the sources of configuration over each other and refuses what it doesn't know.</summary>
internal static class SettingsLoader
{
    private const string FileName = "appsettings.json";
    private const string EnvironmentPrefix = "PIPELINE_";

    /// <summary>systemd sets it to the folder of StateDirectory=.</summary>
    private const string StateVariable = "STATE_DIRECTORY";

    /// <summary>Keys of the files that are not this program's own to check: the editor's, and the logging library's.</summary>
    private static readonly string[] ForeignKeys = ["$schema", "Logging"];

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

        try
        {
            IConfigurationRoot configuration = new ConfigurationBuilder()
                .AddInMemoryCollection(Layers(path, options))
                .Build();
            CheckSection(configuration, typeof(PipelineSettings), "");
            PipelineSettings settings = PatternSources.WriteOut(configuration.Get<PipelineSettings>() ?? new PipelineSettings());
            SettingsValidator.Validate(settings);
            return settings;
        }
        catch (InvalidDataException e)
        {
            throw new UsageException($"The configuration is no valid JSON: {e.InnerException?.Message ?? e.Message}", e);
        }
    }

    /// <summary>
    /// Where changes that shall outlast a run are written: appsettings.local.json beside appsettings.json. A service may not
    /// write there: it has a folder of its own, which systemd names.
    /// </summary>
    public static string LocalFile(string? path) => Environment.GetEnvironmentVariable(StateVariable) is { Length: > 0 } folder
        ? Path.Combine(folder, Path.GetFileName(FileBeside(path)))
        : FileBeside(path);

    private static string FileBeside(string? path) => Path.ChangeExtension(MainFile(path), ".local.json");

    private static string MainFile(string? path)
    {
        string file = Path.GetFullPath(path ?? ProgramHome.Resolve(FileName));

        // An installed program has a link to the service's configuration; the local file is beside that.
        return File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
    }

    private static IEnumerable<KeyValuePair<string, string?>> KeysOf(Action<IConfigurationBuilder> add)
    {
        var builder = new ConfigurationBuilder();
        add(builder);
        return builder.Build().AsEnumerable();
    }

    /// <summary>
    /// Lays everything over each other. A list of the local file or of the options replaces the one below it whole; a variable
    /// may set a single key of an item, such as the address with the password.
    /// </summary>
    private static Dictionary<string, string?> Layers(string? path, IEnumerable<KeyValuePair<string, string?>> options)
    {
        var keys = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        Lay(keys, KeysOf(builder => builder.AddJsonFile(MainFile(path), optional: path is null)), replaceLists: true);
        foreach (string local in new[] { FileBeside(path), LocalFile(path) }.Distinct(StringComparer.Ordinal))
        {
            Lay(keys, KeysOf(builder => builder.AddJsonFile(local, optional: true)), replaceLists: true);
        }

        Lay(keys, EnvironmentKeys(), replaceLists: false);
        var resolved = new Dictionary<string, string?>(Secrets.Resolve(keys), StringComparer.OrdinalIgnoreCase);
        Lay(resolved, options, replaceLists: true);
        return resolved;
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
    /// set-up) are no configuration.
    /// </summary>
    private static IEnumerable<KeyValuePair<string, string?>> EnvironmentKeys()
    {
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            string name = (string)variable.Key;
            if (name.StartsWith(EnvironmentPrefix, StringComparison.Ordinal) && name.Contains("__", StringComparison.Ordinal))
            {
                string key = name[EnvironmentPrefix.Length..].Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
                yield return new KeyValuePair<string, string?>(key, (string?)variable.Value);
            }
        }
    }

    /// <summary>Refuses keys that the settings don't have, and values of the wrong kind.</summary>
    private static void CheckSection(IConfiguration section, Type type, string path)
    {
        PropertyInfo[] properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        foreach (IConfigurationSection child in section.GetChildren())
        {
            if (path.Length == 0 && ForeignKeys.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            PropertyInfo property = Array.Find(properties, p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase))
                ?? throw new UsageException(
                    $"The configuration key '{path}{child.Key}' is not known.{NearestName.Suggest(child.Key, properties.Select(p => p.Name))}");
            CheckValue(child, property.PropertyType, path + property.Name);
        }
    }

    private static void CheckValue(IConfigurationSection section, Type type, string key)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            foreach (IConfigurationSection item in section.GetChildren())
            {
                CheckValue(item, type.GetGenericArguments()[0], $"{key}:{item.Key}");
            }
        }
        else if (type.Namespace == typeof(PipelineSettings).Namespace)
        {
            CheckSection(section, type, key + ConfigurationPath.KeyDelimiter);
        }
        else if (section.GetChildren().Any())
        {
            throw new UsageException($"{key} has keys below it, but takes a single value.");
        }
        else if (section.Value is { Length: > 0 } text && !IsOfKind(text, Nullable.GetUnderlyingType(type) ?? type))
        {
            throw new UsageException($"{key} is '{text}', which is not {Describe(Nullable.GetUnderlyingType(type) ?? type)}.");
        }
    }

    private static bool IsOfKind(string text, Type type)
    {
        try
        {
            _ = TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Describe(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => "true or false",
        TypeCode.Int32 or TypeCode.Int64 => "a whole number",
        TypeCode.Single or TypeCode.Double => "a number",
        _ => "a time like 00:05:00",
    };
}
