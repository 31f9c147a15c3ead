using Pipeline.Testing;

namespace Pipeline.Render.Tests.Recording;

/// <summary>
/// A small disk of its own: a tmpfs in the mount namespace of a helper process, which needs no privileges; other processes
/// reach it through that process's root.
/// </summary>
internal sealed class TemporaryDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Command _holder;

    private TemporaryDisk(int kibibytes) => _holder = Command.Start(
        "unshare",
        ["--user", "--map-root-user", "--mount", "sh", "-c", $"mount -t tmpfs -o size={kibibytes}k tmpfs '{_folder.Path}' && echo ready && exec sleep 600"]);

    /// <summary>Where it is.</summary>
    public string Path => $"/proc/{_holder.Id}/root{_folder.Path}";

    /// <summary>Makes one of so many KiB.</summary>
    public static async Task<TemporaryDisk> CreateAsync(int kibibytes)
    {
        var disk = new TemporaryDisk(kibibytes);
        if (await disk._holder.Output.ReadLineAsync() != "ready")
        {
            throw new InvalidOperationException($"No tmpfs can be mounted here: {(await disk._holder.WaitAsync()).Error}");
        }

        return disk;
    }

    /// <summary>Makes it read-only, or writable again.</summary>
    public async Task SetReadOnlyAsync(bool value)
    {
        CommandResult result = await Command.RunAsync(
            "nsenter",
            ["--preserve-credentials", "--user", "--mount", "--target", $"{_holder.Id}", "mount", "-o", value ? "remount,ro" : "remount,rw", _folder.Path]);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    public void Dispose()
    {
        _holder.Dispose();
        _folder.Dispose();
    }
}
