using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Pipeline.Render;

namespace Pipeline.Host.Configuration;

/// <summary>
/// Writes sources, thresholds and classes into appsettings.local.json, so that the next start begins with them. Whatever else
/// is in the file stays, but for comments.
/// </summary>
/// <remarks>
/// Thread-safe. The file is there whole or not at all, and only its owner can read it: addresses have passwords. One that names its
/// secret keeps the name, since the secret may change.
/// </remarks>
/// <param name="configuration">The configuration file that the user named; null for the one of the program's home.</param>
internal sealed class LocalSettings(string? configuration)
{
    private static readonly JsonNodeOptions IgnoreCase = new() { PropertyNameCaseInsensitive = true };
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly string _path = SettingsLoader.LocalFile(configuration);
    private readonly Lock _gate = new();

    /// <summary>Writes what can change in a run.</summary>
    /// <param name="settings">What it does now.</param>
    /// <exception cref="OutputException">The file can't be read or written.</exception>
    public void Write(PipelineSettings settings)
    {
        lock (_gate)
        {
            try
            {
                JsonObject file = File.Exists(_path)
                    ? JsonNode.Parse(File.ReadAllText(_path), IgnoreCase, WithComments)!.AsObject()
                    : new JsonObject(IgnoreCase);
                IReadOnlyDictionary<string, string> secretTexts = SettingsLoader.SecretTexts(configuration);

                // Whole: appsettings.json, which lies below it, may say something else than the default.
                file[nameof(settings.Detection)] = JsonSerializer.SerializeToNode(settings.Detection, LocalJson.Default.DetectionSettings);
                file[nameof(settings.Sources)] = new JsonArray(
                    [.. settings.Sources.Select(source => WithoutDefaults(source with { Uri = secretTexts.GetValueOrDefault(source.Uri, source.Uri) }))]);
                Replace(file.ToJsonString(LocalJson.Default.Options));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or UsageException)
            {
                throw new OutputException($"The change was made, but '{_path}' can't be written, so it ends with this run: {e.Message}", e);
            }
        }
    }

    /// <summary>
    /// Only what somebody chose: defaults may become better ones with the next version. The list of sources replaces the one below it,
    /// so that nothing comes through from there.
    /// </summary>
    private static JsonObject WithoutDefaults(SourceSettings source)
    {
        JsonObject chosen = JsonSerializer.SerializeToNode(source, LocalJson.Default.SourceSettings)!.AsObject();
        foreach ((string key, JsonNode? value) in JsonSerializer.SerializeToNode(new SourceSettings(), LocalJson.Default.SourceSettings)!.AsObject())
        {
            if (JsonNode.DeepEquals(chosen[key], value))
            {
                chosen.Remove(key);
            }
        }

        return chosen;
    }

    private void Replace(string text)
    {
        string temporary = _path + ".partial";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var file = new FileStream(temporary, options))
        {
            file.Write(Encoding.UTF8.GetBytes(text + "\n"));

            // Before it takes the other's place: after a power cut there is the old file or the new one, whole.
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, _path, overwrite: true);
    }
}

/// <summary>Serialisation with the keys of appsettings.json, without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(DetectionSettings))]
[JsonSerializable(typeof(SourceSettings))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class LocalJson : JsonSerializerContext;
