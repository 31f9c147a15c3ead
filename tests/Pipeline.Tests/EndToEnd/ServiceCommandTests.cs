using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>service install, print and uninstall, through the built program, under a folder that stands for /.</summary>
public sealed class ServiceCommandTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task Install_EmptySystem_PutsEverythingInItsPlace()
    {
        CommandResult result = await ServiceAsync("install");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("Name your sources in", result.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(_root["opt/ssd-pipeline/ssd-pipeline"]));
        Assert.Equal("/opt/ssd-pipeline/ssd-pipeline", File.ResolveLinkTarget(_root["usr/local/bin/ssd-pipeline"], false)!.FullName);
        Assert.Equal("/var/lib/ssd-pipeline/models", Directory.ResolveLinkTarget(_root["opt/ssd-pipeline/models"], false)!.FullName);
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(Repository.Root, "appsettings.json")),
            await File.ReadAllTextAsync(_root["etc/ssd-pipeline/appsettings.json"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_root["etc/ssd-pipeline/environment"]));
        Assert.True(File.Exists(_root["var/lib/ssd-pipeline/models/ssdlite_mobilenet_v2_coco.onnx"]));
        Assert.Contains("u ssd-pipeline", await File.ReadAllTextAsync(_root["etc/sysusers.d/ssd-pipeline.conf"]), StringComparison.Ordinal);
        Assert.Contains("Type=notify", await File.ReadAllTextAsync(_root["etc/systemd/system/ssd-pipeline.service"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Install_AgainOverAnOlderOne_ReplacesTheProgramAndKeepsTheConfiguration()
    {
        await ServiceAsync("install");
        await File.WriteAllTextAsync(_root["etc/ssd-pipeline/appsettings.json"], "mine");
        await File.WriteAllTextAsync(_root["etc/ssd-pipeline/environment"], "PASSWORD=mine");
        await File.WriteAllTextAsync(_root["var/lib/ssd-pipeline/models/own.onnx"], "mine");
        await File.WriteAllTextAsync(_root["opt/ssd-pipeline/old.dll"], "of the older version");

        CommandResult result = await ServiceAsync("install");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("Upgraded.", result.Output, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(_root["etc/ssd-pipeline/appsettings.json"]));
        Assert.Equal("PASSWORD=mine", await File.ReadAllTextAsync(_root["etc/ssd-pipeline/environment"]));
        Assert.Equal("mine", await File.ReadAllTextAsync(_root["var/lib/ssd-pipeline/models/own.onnx"]));
        Assert.False(File.Exists(_root["opt/ssd-pipeline/old.dll"]));
        Assert.Equal(["ssd-pipeline"], Directory.EnumerateFileSystemEntries(_root["opt"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Uninstall_WithoutPurge_KeepsConfigurationAndData()
    {
        await ServiceAsync("install");

        CommandResult result = await ServiceAsync("uninstall");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(
            ["etc/ssd-pipeline/appsettings.json", "etc/ssd-pipeline/appsettings.schema.json", "etc/ssd-pipeline/environment"],
            Files().Where(file => !file.StartsWith("var/lib/ssd-pipeline/models/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Uninstall_Purge_LeavesNoFile()
    {
        await ServiceAsync("install");

        await ServiceAsync("uninstall", "--purge");

        Assert.Empty(Files());
    }

    [Fact]
    public async Task Uninstall_NothingThere_IsNoError() => Assert.Equal(0, (await ServiceAsync("uninstall")).ExitCode);

    [Fact]
    public async Task Print_EmptySystem_ChangesNothing()
    {
        CommandResult result = await ServiceAsync("print");

        Assert.StartsWith($"program: {_root["opt/ssd-pipeline"]}", result.Output, StringComparison.Ordinal);
        Assert.Contains("[Service]", result.Output, StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    private Task<CommandResult> ServiceAsync(string command, params string[] options) =>
        PipelineProgram.RunAsync(["service", command, "--root", _root.Path, .. options]);

    private IEnumerable<string> Files() => Directory.EnumerateFiles(_root.Path, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(_root.Path, file))
        .Order(StringComparer.Ordinal);
}
