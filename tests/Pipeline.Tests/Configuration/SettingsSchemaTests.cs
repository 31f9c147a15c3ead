using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Host.Configuration;
using Pipeline.Testing;

namespace Pipeline.Tests.Configuration;

/// <summary>appsettings.json, appsettings.schema.json and the settings records say the same.</summary>
public sealed class SettingsSchemaTests
{
    /// <summary>Set to 1, it has the test write the file anew instead of comparing it.</summary>
    private const string WriteVariable = "PIPELINE_WRITE_SCHEMA";

    private static readonly string SchemaFile = Path.Combine(Repository.Root, "appsettings.schema.json");
    private static readonly string SettingsFile = Path.Combine(Repository.Root, "appsettings.json");

    [Fact]
    public void Schema_CommittedFile_IsWhatTheSettingsSay()
    {
        string expected = SettingsSchema.Create();
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            File.WriteAllText(SchemaFile, expected);
        }

        Assert.True(
            expected == File.ReadAllText(SchemaFile),
            $"appsettings.schema.json is not what the settings say. Run this test once with {WriteVariable}=1, which writes it anew.");
    }

    [Fact]
    public void ShippedFile_EveryKeyOfTheSchema_IsThere()
    {
        JsonObject schema = JsonNode.Parse(File.ReadAllText(SchemaFile))!.AsObject();
        JsonNode settings = JsonNode.Parse(
            File.ReadAllText(SettingsFile), documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip })!;

        Assert.Equal(KeysOf(schema), KeysOfFile(settings.AsObject(), ""));
    }

    [Fact]
    public void ShippedFile_EveryKeyOfASource_IsExplained()
    {
        string text = File.ReadAllText(SettingsFile);

        Assert.All(typeof(SourceSettings).GetProperties(), property =>
            Assert.Contains($"\"{property.Name}\"", text, StringComparison.Ordinal));
    }

    [Fact]
    public void ShippedFile_EveryKey_HasACommentAboveIt()
    {
        string[] lines = File.ReadAllLines(SettingsFile);

        Assert.All(lines.Index().Where(line => line.Item.StartsWith("    \"", StringComparison.Ordinal)), line =>
            Assert.StartsWith("    //", lines[line.Index - 1]));
    }

    [Fact]
    public void ShippedFile_KeysWithAFewWords_NameThem()
    {
        string text = File.ReadAllText(SettingsFile);
        IEnumerable<string> words = typeof(PipelineSettings).GetProperties()
            .SelectMany(section => section.PropertyType.GetProperties())
            .SelectMany(property => property.GetCustomAttribute<AllowedWordsAttribute>()?.Values ?? []);

        Assert.All(words, word => Assert.Contains(word, text, StringComparison.Ordinal));
    }

    /// <summary>Every key of the schema's sections, without those of a list's items.</summary>
    private static IEnumerable<string> KeysOf(JsonObject schema, string path = "") =>
        schema["properties"] is not JsonObject properties
            ? []
            : properties.SelectMany(property =>
                KeysOf(property.Value!.AsObject(), $"{path}{property.Key}:").Prepend(path + property.Key));

    private static IEnumerable<string> KeysOfFile(JsonObject settings, string path) =>
        settings.SelectMany(setting => setting.Value is JsonObject section
            ? KeysOfFile(section, $"{path}{setting.Key}:").Prepend(path + setting.Key)
            : [path + setting.Key]);
}
