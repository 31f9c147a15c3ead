using Pipeline.Testing;

namespace Pipeline.Setup.Tests;

/// <summary>How Debian's packages are installed: as root, through sudo, or not at all.</summary>
public sealed class DebianTests
{
    private const string Install =
        "apt-get install -y --no-install-recommends libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev"
        + " libopencv-videoio-dev libopencv-highgui-dev libopencv-dnn-dev ffmpeg"
        + " python3 python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good chromium systemd";

    [Fact]
    public async Task Setup_OrdinaryUserWithoutSudo_SaysWhichCommandToRun()
    {
        using FakeMachine machine = await FakeMachine.CreateAsync();
        machine.Replace("id", "echo 1000");

        CommandResult result = await machine.RunAsync("setup");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"\n    apt-get update && {Install}\n", result.Error, StringComparison.Ordinal);
        Assert.Empty(machine.Calls);
    }

    [Fact]
    public async Task Setup_SudoAsksForAPasswordAndNobodyCanType_SaysWhichCommandToRun()
    {
        using FakeMachine machine = await FakeMachine.CreateAsync();
        machine.Replace("id", "echo 1000");
        machine.Replace("sudo", "echo \"sudo $*\" >>\"$MACHINE/calls\"; exit 1");

        CommandResult result = await machine.RunAsync("setup");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(Install, result.Error, StringComparison.Ordinal);
        Assert.Equal(["sudo -n true"], machine.Calls);
    }

    [Fact]
    public async Task Setup_OrdinaryUserWithSudo_InstallsThroughIt()
    {
        using FakeMachine machine = await FakeMachine.CreateAsync();
        machine.Replace("id", "echo 1000");
        machine.Install("sudo");

        CommandResult result = await machine.RunAsync("setup");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains(
            $"sudo env DEBIAN_FRONTEND=noninteractive {Install} -o DPkg::Lock::Timeout=300", machine.Calls);
    }

    [Fact]
    public async Task Setup_SomeArePresent_InstallsTheOthersAlone()
    {
        using FakeMachine machine = await FakeMachine.CreateSetUpAsync();
        string[] installed = await File.ReadAllLinesAsync(machine["installed"]);
        await File.WriteAllLinesAsync(
            machine["installed"],
            installed.Select(line => line.StartsWith("ffmpeg ", StringComparison.Ordinal) ? "ffmpeg 1.0 config-files" : line));

        await machine.RunAsync("setup");

        Assert.Equal(
            ["apt-get install -y --no-install-recommends ffmpeg -o DPkg::Lock::Timeout=300"], machine.Calls);
    }

    [Fact]
    public async Task Setup_NoCompilerAndNoNpm_InstallsThemToo()
    {
        using FakeMachine machine = await FakeMachine.CreateAsync();
        machine.Remove("g++");
        machine.Remove("npm");

        await machine.RunAsync("setup");

        Assert.Equal($"{Install} g++ npm -o DPkg::Lock::Timeout=300", machine.Calls[0]);
    }

    [Fact]
    public async Task Setup_PackageListsAreMissing_FetchesThemAndTriesOnceMore()
    {
        using FakeMachine machine = await FakeMachine.CreateAsync();
        machine.Replace("apt-get", """
            echo "apt-get $1" >>"$MACHINE/calls"
            if [[ $1 == update ]]; then cp "$FAKES/apt-get" "$MACHINE/bin/apt-get"; exit; fi
            echo 'E: Unable to locate package' >&2
            exit 100
            """);

        CommandResult result = await machine.RunAsync("setup");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["apt-get install", "apt-get update", $"{Install} -o DPkg::Lock::Timeout=300"], machine.Calls[..3]);
    }

    [Fact]
    public async Task Setup_NoNetwork_SaysWhatAptSaid()
    {
        using FakeMachine machine = await FakeMachine.CreateAsync();
        machine.Replace("apt-get", "echo 'E: Temporary failure resolving the mirror' >&2; exit 100");

        CommandResult result = await machine.RunAsync("setup");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(
            "Installing Debian packages failed: E: Temporary failure resolving the mirror",
            result.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setup_NoAptGet_SaysWhatIsNeeded()
    {
        using FakeMachine machine = await FakeMachine.CreateAsync();
        machine.Remove("apt-get");

        CommandResult result = await machine.RunAsync("setup");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("there is no apt-get here", result.Error, StringComparison.Ordinal);
        Assert.Contains("libopencv-core-dev", result.Error, StringComparison.Ordinal);
    }
}
