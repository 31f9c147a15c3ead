namespace Pipeline.Render;

/// <summary>Opening files for output, with errors that say what to do.</summary>
public static class OutputFile
{
    /// <summary>Creates a file, or empties it, after making its folder.</summary>
    /// <returns>A stream without a buffer of its own: each write is one call to the system.</returns>
    /// <exception cref="OutputException">It can't be written.</exception>
    public static FileStream Create(string path) => Open(path, FileMode.Create);

    /// <summary>Opens a file that was created before, or creates it again where it was taken away.</summary>
    /// <returns>A stream without a buffer of its own.</returns>
    /// <exception cref="OutputException">It can't be written.</exception>
    public static FileStream Open(string path) => Open(path, FileMode.OpenOrCreate);

    /// <summary>Writes into a file that was opened here.</summary>
    /// <exception cref="OutputException">It can't be written: its disk is full, for one.</exception>
    public static void Write(FileStream file, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(file);
        try
        {
            file.Write(bytes);
        }
        catch (IOException e)
        {
            throw new OutputException($"'{file.Name}' can't be written: {e.Message.TrimEnd('.')}. Choose another path, or make room.", e);
        }
    }

    /// <summary>Makes the folder of a file that another program will create.</summary>
    /// <exception cref="OutputException">It can't be made.</exception>
    public static void Prepare(string path)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, e);
        }
    }

    private static FileStream Open(string path, FileMode mode)
    {
        Prepare(path);
        try
        {
            return new FileStream(path, mode, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, e);
        }
    }

    private static OutputException Unwritable(string path, Exception e) =>
        new($"'{path}' can't be written: {e.Message.TrimEnd('.')}. Choose another path, or mend its folder's permissions.", e);
}
