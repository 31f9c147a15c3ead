namespace Pipeline.Render;

/// <summary>The ffmpeg program of this machine.</summary>
public static class Ffmpeg
{
    /// <summary>Its name.</summary>
    internal const string Program = "ffmpeg";

    /// <summary>Whether it is on the PATH.</summary>
    public static bool IsAvailable { get; } = IsOn(Environment.GetEnvironmentVariable("PATH"));

    /// <summary>Fails where it is missing.</summary>
    /// <param name="purpose">What it is wanted for: "recording into 'videos'".</param>
    /// <exception cref="OutputException">It is not on the PATH.</exception>
    public static void RequireAvailable(string purpose)
    {
        if (!IsAvailable)
        {
            throw new OutputException($"There is no ffmpeg on the PATH, which {purpose} needs: install the package ffmpeg.");
        }
    }

    /// <summary>Whether it is in one of the folders.</summary>
    /// <param name="path">Folders as the PATH variable lists them.</param>
    internal static bool IsOn(string? path) => (path ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, Program)));
}
