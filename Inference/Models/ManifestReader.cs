using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Pipeline.PostProcess;

namespace Pipeline.Inference;

/// <summary>
/// Reads a manifest's JSON and names the first field at fault: missing, unknown, of another type or not one of the
/// allowed words. Comments and trailing commas are tolerated. Where a field may be left out, a number or word is filled
/// in from the default of its type before anything is deserialised, because generated deserialisers do not run the
/// initialisers of init-only properties; a field that can be null is null then, which means "none" or "no limit".
/// </summary>
internal static class ManifestReader
{
    /// <summary>Objects whose optional fields are taken where a manifest leaves fields out.</summary>
    private static readonly object[] Defaults =
    [
        new InputSpec { Name = "input", Width = 1, Height = 1 },
        new BoxCodeOptions(),
        new ScoreOptions(),
        new SelectionOptions(),
        new FinishedDetections { Order = CoordinateOrder.XY, ScoreThreshold = 0 },
        new DefaultBoxLayer { Columns = 1, Rows = 1, Boxes = [] },
    ];

    /// <summary>Fields that code may leave out, but a manifest must not.</summary>
    private static readonly HashSet<(Type, string)> AlwaysSaid =
    [
        (typeof(InputSpec), "layout"),
        (typeof(InputSpec), "element"),
        (typeof(InputSpec), "colorOrder"),
        (typeof(InputSpec), "mean"),
        (typeof(InputSpec), "scale"),
        (typeof(InputSpec), "resize"),
        (typeof(BoxCodeOptions), "code"),
        (typeof(BoxCodeOptions), "order"),
        (typeof(BoxCodeOptions), "variances"),
        (typeof(ScoreOptions), "function"),
        (typeof(SelectionOptions), "scoreThreshold"),
        (typeof(SelectionOptions), "iouThreshold"),
        (typeof(CellBox), "size"),
        (typeof(CellBox), "aspectRatio"),
        (typeof(PixelGrid), "width"),
        (typeof(PixelGrid), "height"),
    ];

    private static readonly JsonDocumentOptions Tolerant = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        AllowDuplicateProperties = false,
    };

    /// <summary>Reads a manifest.</summary>
    /// <param name="json">Its text.</param>
    /// <exception cref="ModelException">Something is wrong; the message names the field, but not the file.</exception>
    public static ModelManifest Read(string json)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(json, documentOptions: Tolerant);
        }
        catch (JsonException exception)
        {
            throw new ModelException($"it is not valid JSON: {exception.Message}", exception);
        }

        // For editors, which complete and check by it.
        (root as JsonObject)?.Remove("$schema");
        Complete(root, ManifestJson.Default.ModelManifest, "");
        return root.Deserialize(ManifestJson.Default.ModelManifest)!;
    }

    /// <summary>Whether a manifest must say this field.</summary>
    public static bool IsRequired(JsonTypeInfo type, JsonPropertyInfo field) =>
        field.IsRequired
        || field.AssociatedParameter is { HasDefaultValue: false, IsMemberInitializer: false }
        || AlwaysSaid.Contains((type.Type, field.Name));

    /// <summary>What a field is where a manifest does not say it; null where that means "none" or "no limit".</summary>
    public static JsonNode? DefaultOf(JsonTypeInfo type, JsonPropertyInfo field)
    {
        bool isNullable = !field.PropertyType.IsValueType || Nullable.GetUnderlyingType(field.PropertyType) is not null;
        object? instance = Defaults.FirstOrDefault(candidate => candidate.GetType() == type.Type);
        return isNullable || instance is null
            ? null
            : JsonSerializer.SerializeToNode(instance, type)![field.Name]?.DeepClone();
    }

    /// <summary>An error of a section's own check, with the field's path in front.</summary>
    public static ModelException Fault(string section, ArgumentException exception)
    {
        string field =
            exception.ParamName is { Length: > 0 } name ? JsonNamingPolicy.CamelCase.ConvertName(name) : section;
        string path = field == section ? section : $"{section}.{field}";
        string value = exception is ArgumentOutOfRangeException { ActualValue: object actual } ? $" is {actual}" : "";
        return new ModelException($"{path}{value}: {Sentence(exception)}", exception);
    }

    /// <summary>
    /// An argument exception's text without the name of the parameter, which means nothing to who wrote the file.
    /// </summary>
    public static string Sentence(ArgumentException exception) => exception.Message.Split(" (Parameter '")[0];

    private static void Complete(JsonNode? node, JsonTypeInfo type, string path)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object:
                CompleteObject(node as JsonObject ?? throw WrongKind(path, node, "an object { … }"), type, path);
                break;
            case JsonTypeInfoKind.Enumerable:
                JsonArray array = node as JsonArray ?? throw WrongKind(path, node, "an array [ … ]");
                JsonTypeInfo element = ManifestJson.InfoOf(type.ElementType!);
                for (int i = 0; i < array.Count; i++)
                {
                    Complete(array[i], element, $"{path}[{i}]");
                }

                break;
            default:
                CheckValue(node, type.Type, path);
                break;
        }
    }

    private static void CompleteObject(JsonObject json, JsonTypeInfo type, string path)
    {
        string? discriminator = null;
        if (type.PolymorphismOptions is JsonPolymorphismOptions families)
        {
            discriminator = families.TypeDiscriminatorPropertyName;
            type = Family(json, families, path);
        }

        JsonPropertyInfo[] fields = [.. type.Properties.Where(ManifestJson.IsField)];
        string[] names = [.. fields.Select(field => field.Name)];
        if (json.Select(pair => pair.Key).FirstOrDefault(key => key != discriminator && !names.Contains(key)) is string unknown)
        {
            throw new ModelException(
                $"{Join(path, unknown)} is not a known field.{NearestName.Suggest(unknown, names)} "
                + $"Known: {string.Join(", ", names)}.");
        }

        foreach (JsonPropertyInfo field in fields)
        {
            string fieldPath = Join(path, field.Name);
            if (json.TryGetPropertyValue(field.Name, out JsonNode? value) && value is not null)
            {
                Complete(value, ManifestJson.InfoOf(field.PropertyType), fieldPath);
            }
            else if (IsRequired(type, field))
            {
                throw new ModelException($"{fieldPath} is missing. {Wanted(field.PropertyType)}");
            }
            else if (DefaultOf(type, field) is JsonNode standard)
            {
                json[field.Name] = standard;
            }
        }

        Construct(json, type, path);
    }

    // What is in the object has been checked, so whatever its type refuses now is its own fault.
    private static void Construct(JsonObject json, JsonTypeInfo type, string path)
    {
        try
        {
            json.Deserialize(type);
        }
        catch (ArgumentException exception)
        {
            throw Fault(path, exception);
        }
        catch (JsonException exception)
        {
            string field = Join(path, exception.Path?.TrimStart('$', '.') ?? "");
            throw new ModelException($"{field}: {exception.Message.Split(" Path:")[0]}", exception);
        }
    }

    private static JsonTypeInfo Family(JsonObject json, JsonPolymorphismOptions families, string path)
    {
        string key = families.TypeDiscriminatorPropertyName;
        string? chosen = json[key] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
        foreach (JsonDerivedType family in families.DerivedTypes)
        {
            if ((string?)family.TypeDiscriminator == chosen)
            {
                return ManifestJson.InfoOf(family.DerivedType);
            }
        }

        string allowed = string.Join(", ", families.DerivedTypes.Select(family => family.TypeDiscriminator));
        throw new ModelException($"{Join(path, key)} is {json[key]?.ToJsonString() ?? "missing"}; allowed: {allowed}.");
    }

    private static void CheckValue(JsonNode? node, Type type, string path)
    {
        JsonValueKind kind = node?.GetValueKind() ?? JsonValueKind.Null;
        bool fits = type switch
        {
            _ when type == typeof(string) =>
                kind == JsonValueKind.String && !string.IsNullOrWhiteSpace(node!.GetValue<string>()),
            _ when type == typeof(bool) => kind is JsonValueKind.True or JsonValueKind.False,
            _ when type == typeof(int) => kind == JsonValueKind.Number && node!.AsValue().TryGetValue(out int _),
            _ when type == typeof(float) || type == typeof(double) => kind == JsonValueKind.Number,
            { IsEnum: true } =>
                kind == JsonValueKind.String && WordsOf(type).Contains(node!.GetValue<string>(), StringComparer.Ordinal),
            _ => true,
        };
        if (!fits)
        {
            throw new ModelException($"{path} is {node?.ToJsonString() ?? "null"}. {Wanted(type)}");
        }
    }

    private static string Wanted(Type type)
    {
        type = ManifestJson.InfoOf(type).Type;
        return type switch
        {
            { IsEnum: true } => $"Allowed: {string.Join(", ", WordsOf(type))}.",
            _ when type == typeof(string) => "A text is needed.",
            _ when type == typeof(bool) => "true or false is needed.",
            _ when type == typeof(int) => "A whole number is needed.",
            _ when type == typeof(float) || type == typeof(double) => "A number is needed.",
            _ => "docs/models.md says what belongs there.",
        };
    }

    private static IEnumerable<string> WordsOf(Type type) => Enum.GetNames(type).Select(ManifestNames.Policy.ConvertName);

    private static ModelException WrongKind(string path, JsonNode? node, string wanted) =>
        new($"{(path.Length == 0 ? "the manifest" : path)} is {node?.ToJsonString() ?? "null"}; {wanted} is needed.");

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
