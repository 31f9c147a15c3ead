namespace Pipeline.Inference;

/// <summary>
/// A model cannot be used: its manifest, its file or its source is missing, wrong or not what it says it is. The
/// message is one line for the user: which file, which field, which value, and what to do.
/// </summary>
public sealed class ModelException : Exception
{
    /// <summary>An error without a message; use the other constructors.</summary>
    public ModelException()
    {
    }

    /// <summary>An error with its one-line message.</summary>
    public ModelException(string message)
        : base(ModelText.OneLine(message))
    {
    }

    /// <summary>An error with its one-line message and what caused it.</summary>
    public ModelException(string message, Exception? innerException)
        : base(ModelText.OneLine(message), innerException)
    {
    }
}
