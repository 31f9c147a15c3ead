using System.Text.Json.Serialization;

namespace Pipeline.Host.Doctor;

/// <summary>How good a finding is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FindingLevel>))]
internal enum FindingLevel
{
    /// <summary>It is there and works, or nobody needs it.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>The program runs, but not as well as it could.</summary>
    [JsonStringEnumMemberName("warn")]
    Warn,

    /// <summary>The program does not run without it.</summary>
    [JsonStringEnumMemberName("missing")]
    Missing,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Subject">What.</param>
/// <param name="Level">How good it is.</param>
/// <param name="Text">What was found.</param>
/// <param name="Mend">The command that mends it; null where nothing is to be mended.</param>
internal sealed record Finding(string Subject, FindingLevel Level, string Text, string? Mend = null);
