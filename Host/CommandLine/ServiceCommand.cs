using System.CommandLine;
using Pipeline.Host.Configuration;
using Pipeline.Host.Service.Installing;

namespace Pipeline.Host.CommandLine;

/// <summary>service: installs this program as a systemd service, shows it, removes it.</summary>
internal static class ServiceCommand
{

    private static readonly Option<string> Root = new("--root")
    {
        Description = "What stands for /: for images and tests",
        DefaultValueFactory = _ => "/",
        Recursive = true,
        Hidden = true,
    };

    /// <summary>Makes the command with its subcommands.</summary>
    public static Command Create()
    {
        var purge = new Option<bool>("--purge") { Description = "Remove configuration, recordings, models and the user too" };
        var install = new Command("install", "Install the service, or upgrade it. Configuration stays as it is.");
        var uninstall = new Command("uninstall", "Remove the service. Configuration and data stay.") { purge };
        var status = new Command("status", "Show whether it runs, and what it says.");
        var print = new Command("print", "Show what install would do, and the unit.");
        install.SetAction(result => Install(LayoutOf(result)));
        uninstall.SetAction(result => Uninstall(LayoutOf(result), result.GetValue(purge)));
        status.SetAction(result => Status(LayoutOf(result)));
        print.SetAction(result => Print(LayoutOf(result)));
        return new Command("service", "Run as a systemd service.") { Root, install, status, uninstall, print };
    }

    private static InstallLayout LayoutOf(ParseResult result) => new(result.GetValue(Root)!);

    private static ServiceInstaller InstallerFor(InstallLayout layout) => new(layout, AppContext.BaseDirectory, ProgramHome.Folder);

    private static int Install(InstallLayout layout)
    {
        RequireOwn();
        RequireRoot(layout, "install");
        ServiceInstaller installer = InstallerFor(layout);
        bool isNew = !installer.IsInstalled;
        Run(installer.Install());
        Console.WriteLine(isNew
            ? $"Installed. Name your sources in {layout.Configuration}/appsettings.json, then: systemctl start {InstallLayout.Name}"
            : "Upgraded.");
        return ExitCode.Done;
    }

    private static int Uninstall(InstallLayout layout, bool purge)
    {
        RequireOwn();
        RequireRoot(layout, "uninstall");
        Run(InstallerFor(layout).Uninstall(purge));
        return ExitCode.Done;
    }

    private static int Status(InstallLayout layout)
    {
        if (!InstallerFor(layout).IsInstalled && !Directory.Exists(InstallLayout.PackageProgram))
        {
            Console.WriteLine("The service is not installed: sudo ssd-pipeline service install");
            return ExitCode.Fault;
        }

        return SystemCommand.Try("systemctl", "--no-pager", "--full", "status", InstallLayout.Name) is 0 ? ExitCode.Done : ExitCode.Fault;
    }

    private static int Print(InstallLayout layout)
    {
        foreach (InstallStep step in InstallerFor(layout).Install())
        {
            Console.WriteLine(step.Text);
        }

        Console.Write($"\n{ServiceInstaller.Resource("ssd-pipeline.service")}");
        return ExitCode.Done;
    }

    private static void Run(IEnumerable<InstallStep> steps)
    {
        foreach (InstallStep step in steps)
        {
            Console.WriteLine(step.Text);
            step.Run();
        }
    }

    /// <summary>The Debian package's program is installed and removed by dpkg.</summary>
    private static void RequireOwn()
    {
        if (AppContext.BaseDirectory.StartsWith(InstallLayout.PackageProgram, StringComparison.Ordinal))
        {
            throw new UsageException(
                $"This program came as a Debian package, service included: systemctl enable --now {InstallLayout.Name} starts it, apt-get remove {InstallLayout.Name} removes it.");
        }
    }

    private static void RequireRoot(InstallLayout layout, string command)
    {
        if (layout.IsLive && !Environment.IsPrivilegedProcess)
        {
            throw new UsageException($"'service {command}' needs root: sudo {Environment.ProcessPath} service {command}");
        }
    }
}
