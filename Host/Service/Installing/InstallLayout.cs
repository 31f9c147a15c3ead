namespace Pipeline.Host.Service.Installing;

/// <summary>Where the service's parts are.</summary>
/// <param name="root">What stands for /: another folder where an image is made, or a test runs.</param>
internal sealed class InstallLayout(string root)
{
    /// <summary>The service's name, and its user's.</summary>
    public const string Name = "ssd-pipeline";

    /// <summary>Where the Debian package has the program; it installs and removes itself.</summary>
    public const string PackageProgram = "/usr/lib/ssd-pipeline";

    /// <summary>What stands for /.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>Whether this is the running system, with its users and its systemd.</summary>
    public bool IsLive => Root == "/";

    /// <summary>The program's files.</summary>
    public string Program => At("opt/ssd-pipeline");

    /// <summary>The configuration's folder.</summary>
    public string Configuration => At("etc/ssd-pipeline");

    /// <summary>Recordings and models.</summary>
    public string Data => At("var/lib/ssd-pipeline");

    /// <summary>systemd's unit.</summary>
    public string Unit => At("etc/systemd/system/ssd-pipeline.service");

    /// <summary>The unit's drop-in that names the folder of the .NET runtime.</summary>
    public string RuntimeDropIn => At("etc/systemd/system/ssd-pipeline.service.d/10-dotnet.conf");

    /// <summary>What makes the service's user, now and on a system that is set up from an image.</summary>
    public string Users => At("etc/sysusers.d/ssd-pipeline.conf");

    /// <summary>The command, on the path.</summary>
    public string Command => At("usr/local/bin/ssd-pipeline");

    /// <summary>A path as it will be on the system, without what stands for /.</summary>
    public string OnSystem(string path) => IsLive ? path : path[Root.TrimEnd('/').Length..];

    private string At(string path) => Path.Combine(Root, path);
}
