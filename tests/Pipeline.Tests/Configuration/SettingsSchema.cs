using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Pipeline.Host.Configuration;

namespace Pipeline.Tests.Configuration;

/// <summary>
/// The JSON schema of appsettings.json, made from the settings records: their types, their <see cref="AllowedAttribute"/>s,
/// their defaults, and the summaries above their properties.
/// </summary>
internal static partial class SettingsSchema
{
    private const string Draft = "http://json-schema.org/draft-07/schema#";

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Makes the schema's text.</summary>
    public static string Create()
    {
        // The compiler writes the summaries into a file beside the assembly.
        string summaries = Path.ChangeExtension(typeof(PipelineSettings).Assembly.Location, ".xml");
        Dictionary<string, XElement> documentation = XDocument.Load(summaries).Descendants("member")
            .ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary") ?? member, StringComparer.Ordinal);
        var options = new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, schema) => Complete(context, schema.AsObject(), documentation),
        };
        JsonObject root = JsonSerializerOptions.Default.GetJsonSchemaAsNode(typeof(PipelineSettings), options).AsObject();
        root.Insert(0, "$schema", Draft);
        root["properties"]!.AsObject().Insert(0, "$schema", new JsonObject { ["type"] = "string" });
        return root.ToJsonString(Readable) + "\n";
    }

    private static JsonObject Complete(JsonSchemaExporterContext context, JsonObject schema, Dictionary<string, XElement> documentation)
    {
        if (schema.ContainsKey("properties"))
        {
            schema["additionalProperties"] = false;
        }

        if (context.PropertyInfo is not { AttributeProvider: PropertyInfo property })
        {
            return schema;
        }

        string summary = TextOf(documentation[$"P:{property.DeclaringType!.FullName}.{property.Name}"]);
        AllowedAttribute? allowed = property.GetCustomAttribute<AllowedAttribute>();
        schema.Insert(0, "description", summary);
        if (allowed is AllowedWordsAttribute words)
        {
            schema["enum"] = new JsonArray([.. words.Values.Select(word => JsonValue.Create(word))]);
        }
        else if (allowed is AllowedNumbersAttribute numbers)
        {
            schema["enum"] = new JsonArray([.. numbers.Values.Select(number => JsonValue.Create(number))]);
        }
        else if (allowed is AllowedRangeAttribute range)
        {
            AddRange(schema, range);
        }
        else if (allowed is AllowedLengthAttribute length)
        {
            schema["minLength"] = length.Least;
        }

        object? value = property.GetValue(Activator.CreateInstance(property.DeclaringType));
        if (value is null or ValueType or string)
        {
            schema["default"] = JsonSerializer.SerializeToNode(value);
        }

        return schema;
    }

    private static void AddRange(JsonObject schema, AllowedRangeAttribute range)
    {
        // A time is a text with a pattern; its range can only be told.
        if (schema.ContainsKey("pattern"))
        {
            schema["description"] += $" In seconds: {range.Words}.";
            return;
        }

        schema[range.LeastExcluded ? "exclusiveMinimum" : "minimum"] = range.Least;
        if (!double.IsInfinity(range.Most))
        {
            schema[range.MostExcluded ? "exclusiveMaximum" : "maximum"] = range.Most;
        }
    }

    /// <summary>A summary on one line; a reference in it is a name.</summary>
    private static string TextOf(XElement summary) => Spaces().Replace(
        string.Concat(summary.Nodes().Select(node => node switch
        {
            XElement reference => reference.Attribute("cref")?.Value.Split('.')[^1] ?? reference.Value,
            _ => node.ToString(SaveOptions.DisableFormatting).Replace("&lt;", "<", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal),
        })).Trim(),
        " ");

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces();
}
