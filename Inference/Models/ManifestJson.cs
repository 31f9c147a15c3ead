using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Pipeline.PostProcess;

namespace Pipeline.Inference;

/// <summary>
/// How manifests are written as JSON: camelCase keys, kebab-case values, short lists of numbers as arrays.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    WriteIndented = true,
    NewLine = "\n",
    Converters =
    [
        typeof(ChannelValuesConverter),
        typeof(BoxVariancesConverter),
        typeof(LabelMapConverter),
        typeof(EnumNames<TensorLayout>),
        typeof(EnumNames<TensorElement>),
        typeof(EnumNames<ColorOrder>),
        typeof(EnumNames<ResizeRule>),
        typeof(EnumNames<FitRule>),
        typeof(EnumNames<OutputRole>),
        typeof(EnumNames<SizeUnit>),
        typeof(EnumNames<DefaultBoxClip>),
        typeof(EnumNames<DefaultBoxOrder>),
        typeof(EnumNames<DefaultBoxFileForm>),
        typeof(EnumNames<CoordinateOrder>),
        typeof(EnumNames<BoxCode>),
        typeof(EnumNames<ScoreFunction>),
        typeof(EnumNames<BoxClip>),
    ])]
[JsonSerializable(typeof(ModelManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext
{
    /// <summary>
    /// The same for writing: letters of all languages as they are, and nothing that could not be read back.
    /// </summary>
    private static readonly Lazy<JsonSerializerOptions> Readable = new(() => new JsonSerializerOptions(Default!.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = Default!.WithAddedModifier(RemoveComputed),
    });

    /// <summary>What is known of a type of the manifest; of T where it is a T?.</summary>
    public static JsonTypeInfo InfoOf(Type type) => Default.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type)!;

    /// <summary>Whether a property is a field of the file, and not computed from others.</summary>
    public static bool IsField(JsonPropertyInfo property) =>
        property.Set is not null || property.AssociatedParameter is not null;

    /// <summary>A manifest as text for people: indented, but a list of numbers on one line.</summary>
    public static string Write(ModelManifest manifest) =>
        NumberList().Replace(
            JsonSerializer.Serialize(manifest, Readable.Value.GetTypeInfo(typeof(ModelManifest))),
            list => $"[{string.Join(", ", list.Groups["number"].Captures.Select(capture => capture.Value))}]") + "\n";

    private static void RemoveComputed(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo computed in type.Properties.Where(property => !IsField(property)).ToArray())
        {
            type.Properties.Remove(computed);
        }
    }

    // Lists are written over several lines; in a text a line break is escaped, so what a text has in brackets stays.
    [GeneratedRegex(
        @"\[\n\s*(?:(?<number>-?[0-9][0-9.eE+-]*),?\s*)+\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex NumberList();
}

/// <summary>Names of an enumeration's values in a manifest.</summary>
internal sealed class EnumNames<T>() : JsonStringEnumConverter<T>(ManifestNames.Policy, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>Kebab-case, except where a word is written otherwise everywhere else.</summary>
internal sealed class ManifestNames : JsonNamingPolicy
{
    /// <summary>The policy; it has no state.</summary>
    public static ManifestNames Policy { get; } = new();

    /// <inheritdoc/>
    public override string ConvertName(string name) => name switch
    {
        "UInt8" => "uint8",
        "OpenCvLinear" => "opencv-linear",
        _ => KebabCaseLower.ConvertName(name),
    };
}

/// <summary>A fixed number of floats as an array.</summary>
internal abstract class NumbersConverter<T>(int count) : JsonConverter<T>
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Span<float> numbers = stackalloc float[count];
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException($"An array of {count} numbers is needed.");
        }

        for (int i = 0; i < count; i++)
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.Number)
            {
                throw new JsonException($"{count} numbers are needed.");
            }

            numbers[i] = reader.GetSingle();
        }

        return reader.Read() && reader.TokenType == JsonTokenType.EndArray
            ? Make(numbers)
            : throw new JsonException($"{count} numbers are needed, and no more.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        Span<float> numbers = stackalloc float[count];
        Take(value, numbers);
        writer.WriteStartArray();
        foreach (float number in numbers)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    /// <summary>The value of these numbers.</summary>
    protected abstract T Make(ReadOnlySpan<float> numbers);

    /// <summary>The numbers of this value.</summary>
    protected abstract void Take(T value, Span<float> numbers);
}

/// <summary>[first, second, third].</summary>
internal sealed class ChannelValuesConverter() : NumbersConverter<ChannelValues>(3)
{
    /// <inheritdoc/>
    protected override ChannelValues Make(ReadOnlySpan<float> numbers) => new(numbers[0], numbers[1], numbers[2]);

    /// <inheritdoc/>
    protected override void Take(ChannelValues value, Span<float> numbers) =>
        (numbers[0], numbers[1], numbers[2]) = (value.First, value.Second, value.Third);
}

/// <summary>[x, y, width, height], or the edges in the same order.</summary>
internal sealed class BoxVariancesConverter() : NumbersConverter<BoxVariances>(4)
{
    /// <inheritdoc/>
    protected override BoxVariances Make(ReadOnlySpan<float> numbers) =>
        new(numbers[0], numbers[1], numbers[2], numbers[3]);

    /// <inheritdoc/>
    protected override void Take(BoxVariances value, Span<float> numbers) =>
        (numbers[0], numbers[1], numbers[2], numbers[3]) = (value.A, value.B, value.C, value.D);
}

/// <summary>{ "1": "person", … }: names by class id.</summary>
internal sealed class LabelMapConverter : JsonConverter<LabelMap>
{
    /// <inheritdoc/>
    public override LabelMap Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("An object with a name for each class id is needed.");
        }

        Dictionary<int, string> names = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            {
                throw new JsonException($"'{key}' is no class id; a whole number from 0 is needed.");
            }

            reader.Read();
            names[id] = reader.TokenType == JsonTokenType.String
                ? reader.GetString()!
                : throw new JsonException($"Class {id} needs a name.");
        }

        try
        {
            return new LabelMap(names);
        }
        catch (ArgumentException exception)
        {
            throw new JsonException(ManifestReader.Sentence(exception), exception);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, LabelMap value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (int id in value.Ids)
        {
            writer.WriteString(id.ToString(CultureInfo.InvariantCulture), value[id]);
        }

        writer.WriteEndObject();
    }
}
