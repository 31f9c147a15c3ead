using System.Runtime.InteropServices;
using Pipeline.Host.Service.Installing;
using Pipeline.Testing;

namespace Pipeline.Tests.Service;

/// <summary>What an installation brings along, from a checkout that is made up.</summary>
public sealed class ServiceInstallerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _installed;

    public ServiceInstallerTests()
    {
        _installed = _folder["root/opt/ssd-pipeline/cuda/libonnxruntime.so.1"];
        Write("program/ssd-pipeline", "the program");
        Write("home/appsettings.json", "{}");
        Write("home/appsettings.schema.json", "{}");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Install_CudaIsSetUp_BringsItAlongAndSaysSo()
    {
        Write("home/cuda/libonnxruntime.so.1", "with CUDA");

        Assert.Contains(", with ONNX Runtime for NVIDIA GPUs", Install(), StringComparison.Ordinal);
        Assert.Equal("with CUDA", File.ReadAllText(_installed));
    }

    [Fact]
    public void Install_CudaIsNotSetUp_BringsNone()
    {
        Assert.DoesNotContain("NVIDIA", Install(), StringComparison.Ordinal);
        Assert.False(File.Exists(_installed));
    }

    [Fact]
    public void Install_OverOneWithCudaFromACheckoutWithout_KeepsIt()
    {
        Write("home/cuda/libonnxruntime.so.1", "of the older one");
        Install();
        Directory.Delete(_folder["home/cuda"], recursive: true);

        Assert.Contains(", with ONNX Runtime for NVIDIA GPUs", Install(), StringComparison.Ordinal);
        Assert.Equal("of the older one", File.ReadAllText(_installed));
    }

    [Fact]
    public void Install_OverOneThatNamedItsRuntime_NamesItNoMoreWhereTheNewOneHasItsOwn()
    {
        const string dropIn = "root/etc/systemd/system/ssd-pipeline.service.d/10-dotnet.conf";
        Write(dropIn, "[Service]\nEnvironment=DOTNET_ROOT=/opt/an-older-one\n");

        // A program with its own runtime beside it. It is not copied: it has hundreds of files.
        var installer = new ServiceInstaller(new InstallLayout(_folder["root"]), RuntimeEnvironment.GetRuntimeDirectory(), _folder["home"]);
        installer.Install().Single(step => step.Text.Contains("10-dotnet.conf", StringComparison.Ordinal)).Run();

        Assert.False(File.Exists(_folder[dropIn]));
    }

    private string Install()
    {
        InstallStep[] steps =
        [
            .. new ServiceInstaller(new InstallLayout(_folder["root"]), _folder["program"], _folder["home"]).Install(),
        ];
        Array.ForEach(steps, step => step.Run());
        return string.Join('\n', steps.Select(step => step.Text));
    }

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[file])!);
        File.WriteAllText(_folder[file], text);
    }
}
