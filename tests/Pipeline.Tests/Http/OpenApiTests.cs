using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Pipeline.Host.Http;
using Pipeline.Testing;

namespace Pipeline.Tests.Http;

/// <summary>openapi.json says what the server maps, and its schemas are those of the documents that it writes.</summary>
public sealed class OpenApiTests
{
    private const string WriteVariable = "PIPELINE_WRITE_SCHEMA";

    private static readonly string DocumentFile = Path.Combine(Repository.Root, "Host", "Http", "openapi.json");

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void Document_Schemas_AreThoseOfTheDocuments()
    {
        JsonObject document = JsonNode.Parse(File.ReadAllText(DocumentFile))!.AsObject();
        JsonObject schemas = new();
        foreach (Type type in new[]
        {
            typeof(HealthDocument), typeof(StatusDocument), typeof(SourceDocument), typeof(RecordingDocument), typeof(Host.Configuration.SourceSettings),
            typeof(Host.Configuration.DetectionSettings), typeof(Problem),
        })
        {
            schemas[type.Name] = ApiJson.Default.GetTypeInfo(type)!.GetJsonSchemaAsNode();
        }

        if (Environment.GetEnvironmentVariable(WriteVariable) is not null)
        {
            document["components"]!["schemas"] = schemas.DeepClone();
            File.WriteAllText(DocumentFile, document.ToJsonString(Readable) + "\n");
        }

        Assert.True(
            JsonNode.DeepEquals(schemas, document["components"]!["schemas"]),
            $"openapi.json has other schemas than the documents. Run this test once with {WriteVariable}=1, which writes them anew.");
    }
}
