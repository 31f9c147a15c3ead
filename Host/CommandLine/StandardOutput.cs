using System.Globalization;
using System.Text;
using Pipeline.Render;

namespace Pipeline.Host.CommandLine;

/// <summary>Standard output as one of the outputs: where it is closed, or a file on a full disk, the exit code is theirs.</summary>
/// <param name="inner">What writes to it, each time at once.</param>
internal sealed class StandardOutput(TextWriter inner) : TextWriter(CultureInfo.InvariantCulture)
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Write(value.ToString());

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value)
    {
        try
        {
            inner.Write(value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException($"Standard output can't be written: {e.Message.TrimEnd('.')}.", e);
        }
    }
}
