using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Pipeline.PostProcess;

namespace Pipeline.Host.Configuration;

/// <summary>
/// Refuses what the settings' types can't hold: keys that they don't have, values of the wrong kind, and a value where keys or a
/// list belong. The library that binds them passes over most of that in silence.
/// </summary>
internal static class SettingsCheck
{
    /// <summary>Keys of the files that are not this program's own to check: the editor's, and the logging library's.</summary>
    private static readonly string[] ForeignKeys = ["$schema", "Logging"];

    /// <summary>Checks a whole configuration.</summary>
    /// <exception cref="UsageException">A key is not known, or has a value of the wrong kind.</exception>
    public static void Check(IConfiguration configuration) => CheckSection(configuration, typeof(PipelineSettings), "");

    /// <summary>Whether there is a single value of that key.</summary>
    /// <param name="parts">The parts of the key, in small or capital letters.</param>
    public static bool IsKey(IEnumerable<string> parts)
    {
        Type? type = typeof(PipelineSettings);
        foreach (string part in parts)
        {
            type = ItemOf(type) is { } item
                ? IsIndex(part) ? item : null
                : IsSection(type) ? Find(type, part)?.PropertyType : null;
            if (type is null)
            {
                return false;
            }
        }

        return ItemOf(type) is null && !IsSection(type);
    }

    private static void CheckSection(IConfiguration section, Type type, string path)
    {
        var nullability = new NullabilityInfoContext();
        foreach (IConfigurationSection child in section.GetChildren())
        {
            if (path.Length == 0 && ForeignKeys.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            PropertyInfo property = Find(type, child.Key)
                ?? throw new UsageException(
                    $"The configuration key '{path}{child.Key}' is not known.{NearestName.Suggest(child.Key, type.GetProperties().Select(p => p.Name))}");
            string key = path + property.Name;
            bool mayBeNull = nullability.Create(property).ReadState == NullabilityState.Nullable;
            string? option = property.GetCustomAttribute<AllowedAttribute>()?.Option;
            Check(child, property.PropertyType, key, option is null ? key : $"{key} ({option})", mayBeNull);
        }
    }

    /// <summary>Checks what stands at a key.</summary>
    /// <param name="section">It.</param>
    /// <param name="type">What belongs there.</param>
    /// <param name="key">The key.</param>
    /// <param name="name">The key as messages have it.</param>
    /// <param name="mayBeNull">Whether no value is a value too.</param>
    private static void Check(IConfigurationSection section, Type type, string key, string name, bool mayBeNull)
    {
        if (ItemOf(type) is { } item)
        {
            Require(mayBeNull || section.Value is not null || section.GetChildren().Any(), $"{name} is null, but takes a list: [ ] for none.");
            CheckList(section, item, key);
        }
        else if (IsSection(type))
        {
            // An empty list reads as an empty text.
            Require(section.Value is null, $"{key} is '{section.Value}', but takes keys: {{ \"{type.GetProperties()[0].Name}\": … }}.");
            CheckSection(section, type, key + ConfigurationPath.KeyDelimiter);
        }
        else
        {
            Require(!section.GetChildren().Any(), $"{key} has keys below it, but takes a single value.");
            CheckValue(section.Value, Nullable.GetUnderlyingType(type) ?? type, name, mayBeNull);
        }
    }

    private static void CheckList(IConfigurationSection section, Type item, string key)
    {
        string variable = $"PIPELINE_{key.Replace(ConfigurationPath.KeyDelimiter, "__", StringComparison.Ordinal)}__0";
        Require(
            string.IsNullOrEmpty(section.Value),
            $"{key} is '{section.Value}', but takes a list: [ … ], or as a variable {variable} and so on.");
        foreach (IConfigurationSection child in section.GetChildren())
        {
            Require(IsIndex(child.Key), $"{key} has the key '{child.Key}', but takes a list: [ … ].");
            string path = $"{key}:{child.Key}";
            Check(child, item, path, path, mayBeNull: false);
        }
    }

    private static void CheckValue(string? value, Type type, string name, bool mayBeNull)
    {
        if (value is null)
        {
            Require(mayBeNull, $"{name} is null, but needs a value. Without the key it has its default.");
            return;
        }

        // A number or time without digits is none; no text can be told from a forgotten one.
        bool isNone = value.Length == 0 && mayBeNull && type != typeof(string);
        Require(value.Length > 0 || isNone, $"{name} is empty: give it a value, or leave it out.");
        Require(isNone || IsOfKind(value, type), $"{name} is '{value}', which is not {Describe(type)}.");
    }

    private static PropertyInfo? Find(Type type, string name) =>
        Array.Find(type.GetProperties(), property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static bool IsSection(Type type) => type.Namespace == typeof(PipelineSettings).Namespace;

    private static Type? ItemOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    private static bool IsIndex(string key) => int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsOfKind(string text, Type type)
    {
        // .NET takes a bare number for days, everybody else for seconds.
        if (type == typeof(TimeSpan) && text != "0" && !text.Contains(':', StringComparison.Ordinal))
        {
            return false;
        }

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
        _ => "a time like 00:05:00, or 30.00:00:00 for days",
    };

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new UsageException(message);
        }
    }
}
