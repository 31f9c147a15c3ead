using System.Globalization;

namespace Pipeline.Render;

/// <summary>
/// Opening files for output, with errors that say what to do. A file is locked (fcntl) while it is open here, so that two programs
/// don't write over each other; who reads it is not held up, and devices and pipes are anybody's.
/// </summary>
public static class OutputFile
{
    // What the system says of a lock that somebody else has: EAGAIN, or for fcntl EACCES.
    private const int WouldBlock = 11;
    private const int AccessDenied = 13;

    /// <summary>Creates a file, or empties it, after making its folder.</summary>
    /// <returns>A stream without a buffer of its own: each write is one call to the system.</returns>
    /// <exception cref="OutputException">It can't be written, or another program writes it; then nothing has happened to it.</exception>
    public static FileStream Create(string path)
    {
        FileStream file = Open(path);
        if (file.CanSeek && file.Length > 0)
        {
            file.SetLength(0);
        }

        return file;
    }

    /// <summary>Opens a file that was created before, or creates it again where it was taken away.</summary>
    /// <returns>A stream without a buffer of its own.</returns>
    /// <exception cref="OutputException">It can't be written, or another program writes it.</exception>
    public static FileStream Open(string path)
    {
        Prepare(path);
        FileStream file = OpenUnlocked(path);
        try
        {
            Lock(file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

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

    /// <summary>How a file is called that goes on where another one ends: demo-2.mp4 behind demo.mp4.</summary>
    /// <param name="path">The first file.</param>
    /// <param name="part">Which one it is, from 2.</param>
    public static string PartOf(string path, int part) => Path.Join(
        Path.GetDirectoryName(path),
        string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(path)}-{part}{Path.GetExtension(path)}"));

    /// <summary>The first part that is not there yet.</summary>
    internal static string NextPart(string path)
    {
        int part = 2;
        while (File.Exists(PartOf(path, part)))
        {
            part++;
        }

        return PartOf(path, part);
    }

    private static FileStream OpenUnlocked(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (IOException e) when (IsTaken(e))
        {
            throw Taken(path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, e);
        }
    }

    private static void Lock(FileStream file)
    {
        if (!file.CanSeek || file.Name.StartsWith("/dev/", StringComparison.Ordinal))
        {
            return;
        }

        try
        {
            file.Lock(0, 0);
        }
        catch (IOException e) when (IsTaken(e))
        {
            throw Taken(file.Name, e);
        }
        catch (IOException)
        {
            // A file system that knows no locks.
        }
    }

    private static bool IsTaken(IOException e) => e.HResult is WouldBlock or AccessDenied;

    private static OutputException Taken(string path, Exception e) =>
        new($"'{path}' is being written by another program. Choose another path.", e);

    private static OutputException Unwritable(string path, Exception e) =>
        new($"'{path}' can't be written: {e.Message.TrimEnd('.')}. Choose another path, or mend its folder's permissions.", e);
}
