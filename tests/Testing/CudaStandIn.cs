namespace Pipeline.Testing;

/// <summary>The libraries of tests/cuda, which stand in for NVIDIA's, built once a process.</summary>
public static class CudaStandIn
{
    private static readonly Lazy<Task<string>> Built = new(BuildAsync);
    private static TemporaryFolder? _folder;

    /// <summary>Builds them where that was not done before.</summary>
    /// <returns>Their folder.</returns>
    public static Task<string> FolderAsync() => Built.Value;

    private static async Task<string> BuildAsync()
    {
        _folder = new TemporaryFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => _folder.Dispose();
        CommandResult result = await Command.RunAsync(Path.Combine(Repository.Root, "tests/cuda/build.sh"), [_folder["cuda"]]);
        return result.ExitCode == 0
            ? _folder["cuda"]
            : throw new InvalidOperationException($"tests/cuda does not build: {result.Error}");
    }
}
