using System.Collections;
using System.Reflection;
using Pipeline.Capture;
using Pipeline.Host.Http;
using Pipeline.Host.Metering;
using Pipeline.Host.Running;

namespace Pipeline.Host.Configuration;

/// <summary>Checks the values of a configuration: an error names the key, the value and what is allowed.</summary>
internal static class SettingsValidator
{
    /// <summary>Checks everything that can be checked without opening anything.</summary>
    /// <exception cref="UsageException">A value is not allowed.</exception>
    public static void Validate(PipelineSettings settings)
    {
        CheckValues(settings, "");
        CheckAddresses(settings.Sources);
        CheckRecording(settings);
    }

    private static void CheckRecording(PipelineSettings settings)
    {
        RecordingSettings recording = settings.Recording;
        bool isNvencs = recording.Preset?[0] == 'p';
        Require(recording.Preset is null || isNvencs == (recording.Encoder == "nvenc"), "Recording:Preset", recording.Preset,
            "p1 to p7 with the encoder nvenc, ultrafast to veryslow with the others");
        Require(settings.Output.Record?.EndsWith(".mp4", StringComparison.OrdinalIgnoreCase) ?? true, "Output:Record (--record)", settings.Output.Record,
            "a name that ends in .mp4, which is what is written");
        string? shared = settings.Sources.Count > 1 && settings.Output.Record is { } record && !OutputPaths.IsPerSource(record)
            ? record
            : null;
        ListenAddress.From(settings.Http);
        MetricsExport.AddressOf(settings.Telemetry);
        Require(shared is null, "Output:Record (--record)", shared, "a path with {source} in it, since there are several sources: one file each");
    }

    /// <summary>Checks each value against its <see cref="AllowedAttribute"/>, and those of the records and lists within.</summary>
    private static void CheckValues(object settings, string path)
    {
        foreach (PropertyInfo property in settings.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            object? value = property.GetValue(settings);
            string key = path + property.Name;
            if (value is IEnumerable list and not string)
            {
                int index = 0;
                foreach (object? item in list)
                {
                    Require(item is not null, $"{key}:{index}", "null", "a value, or no item there");
                    CheckRecord(item!, $"{key}:{index++}:");
                }
            }
            else if (value is not null)
            {
                CheckRecord(value, key + ':');
                if (property.GetCustomAttribute<AllowedAttribute>() is { } allowed)
                {
                    string name = allowed.Option is null ? key : $"{key} ({allowed.Option})";
                    object shown = allowed is AllowedLengthAttribute ? "too short" : value;
                    Require(allowed.Allows(value), name, shown, UnitOf(value) + allowed.Words);
                }
            }
        }
    }

    private static void CheckRecord(object value, string path)
    {
        if (value.GetType().Namespace == typeof(PipelineSettings).Namespace)
        {
            CheckValues(value, path);
        }
    }

    private static string UnitOf(object value) => value is TimeSpan ? "in seconds, " : "";

    private static void CheckAddresses(IEnumerable<SourceSettings> sources)
    {
        foreach (SourceSettings source in sources)
        {
            try
            {
                SourceAddress.Parse(source.Uri);
            }
            catch (SourceException e)
            {
                throw new UsageException(e.Message, e);
            }
        }
    }

    private static void Require(bool condition, string key, object? value, string allowed)
    {
        if (!condition)
        {
            throw new UsageException($"{key} is {value}, which is not allowed: {allowed}.");
        }
    }
}
