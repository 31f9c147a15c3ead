using System.Runtime.InteropServices;

namespace Pipeline.Host.Service.Installing;

/// <summary>
/// Installs this program as a systemd service, upgrades it, and removes it. What people have written, the configuration and the
/// environment file, is never overwritten.
/// </summary>
/// <param name="layout">Where to.</param>
/// <param name="program">The folder of the program that is installed.</param>
/// <param name="home">The folder with appsettings.json and models/.</param>
internal sealed class ServiceInstaller(InstallLayout layout, string program, string home)
{
    private const string Settings = "appsettings.json";
    private const string Schema = "appsettings.schema.json";
    private const string EnvironmentFile = "environment";
    private const string ModelsFolder = "models";

    /// <summary>The folder of ONNX Runtime for NVIDIA GPUs, as './pipeline setup --cuda' links it.</summary>
    private const string CudaFolder = "cuda";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Where a program finds the runtime without being told.</summary>
    private static readonly string[] RuntimeFolders = ["/usr/share/dotnet", "/usr/lib/dotnet"];

    /// <summary>Whether the service was installed by this command.</summary>
    public bool IsInstalled => File.Exists(layout.Unit);

    /// <summary>What an installation, or an upgrade, does.</summary>
    /// <exception cref="UsageException">It can't be done.</exception>
    public IEnumerable<InstallStep> Install()
    {
        string? runtime = RuntimeToName();
        bool isNew = !IsInstalled;
        string gpus = CudaToBring() is null ? "" : ", with ONNX Runtime for NVIDIA GPUs";
        yield return new InstallStep($"program: {layout.Program}{gpus}", CopyProgram);
        yield return new InstallStep($"command: {layout.Command}", () => Link(layout.Command, Path.Combine(layout.Program, InstallLayout.Name)));
        yield return Keep(Path.Combine(layout.Configuration, Settings), () => File.Copy(Path.Combine(home, Settings), Path.Combine(layout.Configuration, Settings)));
        yield return Keep(Path.Combine(layout.Configuration, EnvironmentFile), WriteEnvironment);
        yield return new InstallStep($"schema: {Path.Combine(layout.Configuration, Schema)}", () => File.Copy(Path.Combine(home, Schema), Path.Combine(layout.Configuration, Schema), overwrite: true));
        yield return new InstallStep($"models: {Path.Combine(layout.Data, ModelsFolder)}", CopyModels);
        yield return new InstallStep($"user: {InstallLayout.Name} ({layout.Users})", MakeUser);
        yield return new InstallStep($"unit: {layout.Unit}", () => Write(layout.Unit, Resource("ssd-pipeline.service")));
        if (runtime is not null)
        {
            yield return new InstallStep($"unit: {layout.RuntimeDropIn} (the runtime is in {runtime})",
                () => Write(layout.RuntimeDropIn, $"[Service]\nEnvironment=DOTNET_ROOT={runtime}\n"));
        }
        else if (File.Exists(layout.RuntimeDropIn))
        {
            yield return new InstallStep($"remove {layout.RuntimeDropIn}, which names the runtime of the program before", () => Delete(layout.RuntimeDropIn));
        }

        if (layout.IsLive)
        {
            yield return new InstallStep("systemd: read the unit, start the service with the machine", () =>
            {
                SystemCommand.Run("systemctl", "daemon-reload");
                SystemCommand.Run("systemctl", "enable", InstallLayout.Name);
            });
            if (!isNew)
            {
                yield return new InstallStep("systemd: restart the service if it runs", () => SystemCommand.Run("systemctl", "try-restart", InstallLayout.Name));
            }
        }
    }

    /// <summary>What a removal does.</summary>
    /// <param name="purge">Whether configuration, recordings, models and the user go too.</param>
    public IEnumerable<InstallStep> Uninstall(bool purge)
    {
        if (layout.IsLive)
        {
            yield return new InstallStep("systemd: stop the service, and start it no more", () => SystemCommand.Try("systemctl", "disable", "--now", InstallLayout.Name));
        }

        foreach (string path in new[] { layout.Unit, layout.RuntimeDropIn, layout.Users, layout.Command })
        {
            yield return new InstallStep($"remove {path}", () => Delete(path));
        }

        yield return new InstallStep($"remove {layout.Program}", () => Remove(layout.Program));
        foreach (string folder in new[] { layout.Configuration, layout.Data })
        {
            yield return purge
                ? new InstallStep($"remove {folder}", () => Remove(folder))
                : new InstallStep($"{folder} stays (--purge removes it)", static () => { });
        }

        if (layout.IsLive)
        {
            yield return new InstallStep("systemd: forget the unit", () => SystemCommand.Run("systemctl", "daemon-reload"));
            if (purge)
            {
                yield return new InstallStep($"remove the user {InstallLayout.Name}", () => SystemCommand.Try("userdel", InstallLayout.Name));
            }
        }
    }

    /// <summary>A file of deploy/, which the program carries with it.</summary>
    internal static string Resource(string name)
    {
        using Stream stream = typeof(ServiceInstaller).Assembly.GetManifestResourceStream($"deploy/{name}")!;
        return new StreamReader(stream).ReadToEnd();
    }

    /// <summary>The folder of the runtime, where the program would not find it by itself.</summary>
    /// <exception cref="UsageException">It is where a service can't read it.</exception>
    private string? RuntimeToName()
    {
        string runtime = RuntimeEnvironment.GetRuntimeDirectory();
        if (Path.GetFullPath(runtime).TrimEnd('/') == Path.GetFullPath(program).TrimEnd('/'))
        {
            return null; // the program has its own beside it
        }

        string folder = Path.GetFullPath(Path.Combine(runtime, "../../..")).TrimEnd('/');
        if (folder.StartsWith("/root/", StringComparison.Ordinal) || folder.StartsWith("/home/", StringComparison.Ordinal))
        {
            throw new UsageException(
                $"The .NET runtime is in {folder}, which a service may not read. Install the package aspnetcore-runtime-10.0, or use the .deb (./pipeline package), which needs none.");
        }

        return RuntimeFolders.Contains(folder, StringComparer.Ordinal) ? null : folder;
    }

    /// <summary>The new program is complete before the old one goes; a running service keeps the files it has open.</summary>
    private void CopyProgram()
    {
        if (Path.GetFullPath(program).TrimEnd('/') == layout.Program)
        {
            return; // this very program is the installed one
        }

        string fresh = $"{layout.Program}.new", old = $"{layout.Program}.old";
        Remove(fresh);
        Remove(old);
        CopyFolder(program, fresh);
        if (CudaToBring() is { } cuda)
        {
            CopyFolder(cuda, Path.Combine(fresh, CudaFolder));
        }

        Link(Path.Combine(fresh, ModelsFolder), Path.Combine(layout.Data, ModelsFolder));
        Link(Path.Combine(fresh, Settings), Path.Combine(layout.Configuration, Settings));
        if (Directory.Exists(layout.Program))
        {
            Directory.Move(layout.Program, old);
        }

        Directory.Move(fresh, layout.Program);
        Remove(old);
    }

    /// <summary>ONNX Runtime for GPUs, of this program or, where it was not set up here, of the one that is replaced.</summary>
    private string? CudaToBring() =>
        new[] { Path.Combine(home, CudaFolder), Path.Combine(layout.Program, CudaFolder) }.FirstOrDefault(Directory.Exists);

    private void WriteEnvironment()
    {
        string path = Path.Combine(layout.Configuration, EnvironmentFile);
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        using var writer = new StreamWriter(file);
        writer.Write(Resource(EnvironmentFile));
    }

    /// <summary>The models that the program was set up with; others in the folder stay.</summary>
    private void CopyModels()
    {
        string source = Path.Combine(home, ModelsFolder), target = Path.Combine(layout.Data, ModelsFolder);
        Directory.CreateDirectory(target);
        foreach (string file in Directory.Exists(source) ? Directory.EnumerateFiles(source) : [])
        {
            string copy = Path.Combine(target, Path.GetFileName(file));
            if (Path.GetExtension(file) is ".onnx" or ".json" && Path.GetFullPath(file) != copy)
            {
                File.Copy(file, copy + ".new", overwrite: true);
                File.Move(copy + ".new", copy, overwrite: true);
            }
        }
    }

    private void MakeUser()
    {
        Write(layout.Users, Resource("ssd-pipeline.sysusers"));
        if (layout.IsLive)
        {
            SystemCommand.Run("systemd-sysusers", layout.Users);
        }
    }

    private static InstallStep Keep(string path, Action write) => File.Exists(path)
        ? new InstallStep($"{path} stays as it is", static () => { })
        : new InstallStep($"configuration: {path}", () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            write();
        });

    private void Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);
        File.CreateSymbolicLink(path, layout.OnSystem(target));
    }

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static void CopyFolder(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (string folder in Directory.EnumerateDirectories(source))
        {
            CopyFolder(folder, Path.Combine(target, Path.GetFileName(folder)));
        }

        foreach (string file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            File.Delete(path);
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
