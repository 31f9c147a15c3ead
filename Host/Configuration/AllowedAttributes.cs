using System.Globalization;
using System.Text.RegularExpressions;

namespace Pipeline.Host.Configuration;

/// <summary>
/// What a setting's value may be. The validator refuses everything else, the error message says it, and the schema for
/// editors has it. No value at all (null) is always allowed where the type has it.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public abstract class AllowedAttribute : Attribute
{
    /// <summary>The command line's option for the same setting, for messages; null where there is none.</summary>
    public string? Option { get; init; }

    /// <summary>The allowed values in words: "1 to 64".</summary>
    public abstract string Words { get; }

    /// <summary>Whether a value, which is not null, is allowed.</summary>
    public abstract bool Allows(object value);
}

/// <summary>A range of numbers, or of times in seconds.</summary>
/// <param name="least">The least value.</param>
/// <param name="most">The greatest value.</param>
public sealed class AllowedRangeAttribute(double least, double most = double.PositiveInfinity) : AllowedAttribute
{
    /// <summary>The least value; of a time in seconds.</summary>
    public double Least { get; } = least;

    /// <summary>The greatest value, infinity for none; of a time in seconds.</summary>
    public double Most { get; } = most;

    /// <summary>Whether <see cref="Least"/> itself is refused.</summary>
    public bool LeastExcluded { get; init; }

    /// <summary>Whether <see cref="Most"/> itself is refused.</summary>
    public bool MostExcluded { get; init; }

    /// <summary>An example of a value that is allowed, where the range alone does not show how it is written.</summary>
    public string? Example { get; init; }

    /// <inheritdoc/>
    public override string Words
    {
        get
        {
            string from = Least.ToString(CultureInfo.InvariantCulture), to = Most.ToString(CultureInfo.InvariantCulture);
            string range = (LeastExcluded, double.IsInfinity(Most)) switch
            {
                (true, true) => $"above {from}",
                (true, false) => $"above {from}, up to {to}",
                (false, true) => $"{from} or more",
                (false, false) => $"{from} to {to}",
            };
            return $"{range}{(MostExcluded ? $" ({to} excluded)" : "")}{(Example is null ? "" : $", like {Example}")}";
        }
    }

    /// <inheritdoc/>
    public override bool Allows(object value)
    {
        double number = value is TimeSpan time ? time.TotalSeconds : Convert.ToDouble(value, CultureInfo.InvariantCulture);
        return (LeastExcluded ? number > Least : number >= Least) && (MostExcluded ? number < Most : number <= Most);
    }
}

/// <summary>One of a few words, in small letters.</summary>
/// <param name="values">The words.</param>
public sealed class AllowedWordsAttribute(params string[] values) : AllowedAttribute
{
    /// <summary>The words.</summary>
    public IReadOnlyList<string> Values { get; } = values;

    /// <inheritdoc/>
    public override string Words => $"one of {string.Join(", ", Values)}";

    /// <inheritdoc/>
    public override bool Allows(object value) => Values.Contains((string)value, StringComparer.Ordinal);
}

/// <summary>A text of at least some characters. Its value is not shown: such a text is a secret.</summary>
/// <param name="least">The least number of characters.</param>
public sealed class AllowedLengthAttribute(int least) : AllowedAttribute
{
    /// <summary>The least number of characters.</summary>
    public int Least { get; } = least;

    /// <inheritdoc/>
    public override string Words => $"{Least} characters or more";

    /// <inheritdoc/>
    public override bool Allows(object value) => ((string)value).Length >= Least;
}

/// <summary>One of a few whole numbers.</summary>
/// <param name="values">The numbers.</param>
public sealed class AllowedNumbersAttribute(params int[] values) : AllowedAttribute
{
    /// <summary>The numbers.</summary>
    public IReadOnlyList<int> Values { get; } = values;

    /// <inheritdoc/>
    public override string Words => $"one of {string.Join(", ", Values)}";

    /// <inheritdoc/>
    public override bool Allows(object value) => Values.Contains((int)value);
}

/// <summary>A name that can stand in the name of a file, in an address and in a metric.</summary>
public sealed partial class AllowedNameAttribute : AllowedAttribute
{
    /// <summary>The most characters that a name has; the pattern below says the same.</summary>
    public const int MostCharacters = 64;

    /// <inheritdoc/>
    public override string Words => "up to 64 letters, digits, spaces and . _ -, beginning with a letter or digit";

    /// <inheritdoc/>
    public override bool Allows(object value) => Fit().IsMatch((string)value);

    [GeneratedRegex(@"^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fit();
}
