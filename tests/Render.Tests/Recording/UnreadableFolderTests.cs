using System.Runtime.InteropServices;
using Pipeline.Testing;

namespace Pipeline.Render.Tests.Recording;

/// <summary>A folder among the recordings that may not be looked into: lost+found, where they have a disk of their own.</summary>
public sealed partial class UnreadableFolderTests
{
    private const uint Nobody = 65_534;

    [Fact]
    public void Read_FolderThatMayNotBeLookedInto_IsPassedOver()
    {
        using var folder = new TemporaryFolder();
        using var made = new MadeFragments();
        Directory.CreateDirectory(folder["gate"]);
        Directory.CreateDirectory(folder["lost+found"]);
        WriteRecording(folder["gate/film.mp4"], made);

        // Root may look into every folder.
        File.SetUnixFileMode(
            folder.Path,
            File.GetUnixFileMode(folder.Path)
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(folder["lost+found"], UnixFileMode.None);
        uint user = ActAs(Nobody);
        RecordingIndex index;
        try
        {
            Assert.Throws<UnauthorizedAccessException>(() => Directory.GetFiles(folder["lost+found"]));
            index = RecordingIndex.Read(folder.Path);
        }
        finally
        {
            _ = ActAs(user);
            File.SetUnixFileMode(folder["lost+found"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Assert.Equal(["gate/film.mp4"], index.Find(new RecordingQuery()).Select(recording => recording.Path));
    }

    [Fact]
    public void Open_FolderThatMayNotBeListed_SaysSoAndLetsGoOfIt()
    {
        using var folder = new TemporaryFolder();
        UnixFileMode mode = File.GetUnixFileMode(folder.Path);
        const UnixFileMode writeOnly = UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(folder.Path, writeOnly);
        uint user = ActAs(Nobody);
        OutputException error;
        try
        {
            error = Assert.Throws<OutputException>(Open);
        }
        finally
        {
            _ = ActAs(user);
            File.SetUnixFileMode(folder.Path, mode);
        }

        Assert.Contains($"'{folder.Path}' can't be read", error.Message, StringComparison.Ordinal);
        Open();

        void Open() => RecordingArchive.Open(folder.Path, new RetentionOptions(), new LineLogger(), TimeProvider.System).Dispose();
    }

    private static void WriteRecording(string path, MadeFragments made)
    {
        EncodedFragment[] fragments = made.Make(0, 2);
        using FragmentFile file = FragmentFile.Create(path, "gate", EncodedVideo.Labels, fragments[0]);
        Array.ForEach(fragments, file.Append);
        file.Complete();
    }

    /// <summary>Lets this thread alone reach files as somebody else may (setfsuid(2)); who is not root may not, and stays who he is.</summary>
    /// <returns>As whom it did before.</returns>
    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial uint ActAs(uint user);
}
