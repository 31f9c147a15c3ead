using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Pipeline.Host.Configuration;

/// <summary>Settings as the flat keys and texts of a configuration, to compare them by: "Detection:Score" is "0.4".</summary>
internal static class SettingsKeys
{
    /// <summary>Every key below some settings that has a value. A list of words is one value; a list of records is left out.</summary>
    /// <param name="settings">A record of this namespace.</param>
    /// <param name="path">What stands before each key.</param>
    public static IReadOnlyDictionary<string, string> Of(object settings, string path = "")
    {
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(keys, settings, path);
        return keys;
    }

    /// <summary>The keys in which two sets of keys differ, in their alphabetical order.</summary>
    public static IEnumerable<string> Differences(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        a.Keys.Union(b.Keys, StringComparer.Ordinal).Where(key => a.GetValueOrDefault(key) != b.GetValueOrDefault(key)).Order(StringComparer.Ordinal);

    private static void Add(Dictionary<string, string> keys, object settings, string path)
    {
        foreach (PropertyInfo property in settings.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            string key = path + property.Name;
            switch (property.GetValue(settings))
            {
                case null:
                    break;
                case IEnumerable<string> words:
                    keys[key] = string.Join(',', words);
                    break;
                case IEnumerable and not string:
                    break;
                case { } value when value.GetType().Namespace == typeof(PipelineSettings).Namespace:
                    Add(keys, value, key + ':');
                    break;
                case { } value:
                    keys[key] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
                    break;
            }
        }
    }
}
