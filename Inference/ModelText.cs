namespace Pipeline.Inference;

/// <summary>Texts that a model's files bring along: they may hold line breaks and a terminal's commands.</summary>
public static class ModelText
{
    /// <summary>A text as it can be shown: each control character is a blank.</summary>
    public static string OneLine(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Any(char.IsControl) ? string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter)) : text;
    }
}
