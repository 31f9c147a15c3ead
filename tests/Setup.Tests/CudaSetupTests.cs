using Pipeline.Testing;

namespace Pipeline.Setup.Tests;

/// <summary><c>./pipeline setup --cuda</c>: ONNX Runtime for NVIDIA GPUs, for who asks for it and nobody else.</summary>
public sealed class CudaSetupTests
{
    private const string Core = "npm pack onnxruntime-node@1.29.0";
    private const string Providers = "npm pack com.github.asus4.onnxruntime.linux-x64-gpu@0.4.9";

    [Fact]
    public async Task SetupCuda_SetUpMachine_FetchesBothPackagesIntoOneFolderAndLinksIt()
    {
        using FakeMachine machine = await FakeMachine.CreateSetUpAsync();

        CommandResult result = await machine.RunAsync("setup", "--cuda");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal([Core, Providers], machine.Calls);
        Assert.Equal(
            [".package", "LICENSE", "libonnxruntime.so.1", "libonnxruntime_providers_cuda.so"],
            Directory.GetFiles(Path.Combine(machine.Checkout, "cuda"))
                .Select(Path.GetFileName)
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task SetupCuda_SecondTime_FetchesNothing()
    {
        using FakeMachine machine = await FakeMachine.CreateSetUpAsync();
        await machine.RunAsync("setup", "--cuda");
        machine.ForgetCalls();

        CommandResult result = await machine.RunAsync("setup", "--cuda");

        Assert.Empty(machine.Calls);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task SetupCuda_SecondCheckout_LinksWhatTheCacheHas()
    {
        using FakeMachine machine = await FakeMachine.CreateSetUpAsync();
        await machine.RunAsync("setup", "--cuda");
        machine.ForgetCalls();

        using Command command = machine.Start(["setup", "--cuda"], machine.AddCheckout("second"));
        CommandResult result = await command.WaitAsync();

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.DoesNotContain(Core, machine.Calls);
        Assert.True(File.Exists(machine["second/cuda/libonnxruntime.so.1"]));
    }

    [Theory]
    [InlineData("cuda_core_sha512")]
    [InlineData("cuda_providers_sha512")]
    public async Task SetupCuda_OtherHashThanPinned_LeavesNothingBehind(string variable)
    {
        using FakeMachine machine = await FakeMachine.CreateSetUpAsync();
        machine.Edit("eng/packages.sh", $"{variable}=", $"{variable}=0123");

        CommandResult result = await machine.RunAsync("setup", "--cuda");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("expected sha512 0123", result.Error, StringComparison.Ordinal);
        Assert.False(Path.Exists(Path.Combine(machine.Cache, "onnxruntime-cuda")));
        Assert.False(Path.Exists(Path.Combine(machine.Checkout, "cuda")));
    }
}
