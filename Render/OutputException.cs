namespace Pipeline.Render;

/// <summary>An output that can't be written. The message is one line for the user: which output, what is wrong, what to do.</summary>
public sealed class OutputException : Exception
{
    /// <summary>Makes an exception without a message of its own.</summary>
    public OutputException()
    {
    }

    /// <summary>Makes an exception that says what is wrong.</summary>
    public OutputException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception that says what is wrong, and what lay behind it.</summary>
    public OutputException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An exception of the system's, as a sentence.</summary>
    internal static OutputException From(Exception cause) => new(cause.Message.TrimEnd('.') + '.', cause);
}
