using System.Security.Cryptography;

namespace Pipeline.Inference;

/// <summary>
/// Files that are there whole or not at all: written under another name in the same folder, then renamed. Whoever reads
/// the old file meanwhile keeps reading the old one.
/// </summary>
internal static class AtomicFile
{
    /// <summary>Writes a file and gives the SHA-256 of its bytes, in lower-case hexadecimal.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="write">Writes the contents to the stream, which it leaves open.</param>
    /// <exception cref="ModelException">The file could not be written.</exception>
    public static string Write(string path, Action<Stream> write)
    {
        string temporary = $"{path}.{Environment.ProcessId}.partial";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            string hash;
            using (SHA256 sha256 = SHA256.Create())
            {
                using (FileStream file = new(temporary, FileMode.Create, FileAccess.Write))
                using (CryptoStream hashed = new(file, sha256, CryptoStreamMode.Write))
                {
                    write(hashed);
                    hashed.FlushFinalBlock();

                    // Before it takes the other's place: after a power cut there is the old file or the new one, whole.
                    file.Flush(flushToDisk: true);
                }

                hash = Convert.ToHexStringLower(sha256.Hash!);
            }

            File.Move(temporary, path, overwrite: true);
            return hash;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"{path} could not be written: {exception.Message}", exception);
        }
        finally
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }
}
