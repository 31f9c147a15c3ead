using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Pipeline.Capture;
using Pipeline.Host.Configuration;
using Pipeline.Host.Http;

namespace Pipeline.Host.Doctor;

/// <summary>What the machine gives: processor, GPU driver, cameras, disk, port.</summary>
internal static class MachineChecks
{
    private const string VideoDevices = "video*";
    private const double Gigabyte = 1e9;

    /// <summary>Below this a recording comes to its end within hours at best.</summary>
    private const double ScarceBytes = 2 * Gigabyte;

    /// <summary>The machine, and the runtime that this program has.</summary>
    public static Finding Machine()
    {
        const string key = "PRETTY_NAME=";
        string system = File.Exists("/etc/os-release")
            ? File.ReadLines("/etc/os-release").FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?[key.Length..].Trim('"') ?? "Linux"
            : "Linux";
        return new Finding("machine", FindingLevel.Ok,
            $"{system}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}");
    }

    /// <summary>The GPU's driver, where there is one.</summary>
    public static Finding Gpu()
    {
        const string version = "/proc/driver/nvidia/version";
        return File.Exists(version)
            ? new Finding("gpu", FindingLevel.Ok, File.ReadLines(version).First().Split(':', 2)[^1].Trim())
            : new Finding("gpu", FindingLevel.Ok, "no NVIDIA driver: the processor runs the model");
    }

    /// <summary>The cameras that are plugged in, and those that the configuration names and that are not.</summary>
    public static IEnumerable<Finding> Cameras(PipelineSettings settings)
    {
        string[] devices = [.. Directory.EnumerateFiles("/dev", VideoDevices).Order(StringComparer.Ordinal)];
        if (devices.Length == 0)
        {
            yield return new Finding("camera", FindingLevel.Ok, "no /dev/video*: streams and files are left");
        }

        foreach (string device in devices)
        {
            yield return Camera(device);
        }

        foreach (SourceAddress camera in settings.Sources.Select(source => SourceAddress.Parse(source.Uri)).Where(address => address.Kind == SourceKind.Camera))
        {
            string device = $"/dev/video{camera.CameraIndex}";
            if (!devices.Contains(device, StringComparer.Ordinal))
            {
                yield return new Finding("camera", FindingLevel.Warn, $"{device}, which the configuration names, is not there",
                    "plug it in; v4l2-ctl --list-devices (package v4l-utils) shows the cameras there are");
            }
        }
    }

    /// <summary>The space where recordings go; where nothing is recorded, that of the folder the program was started in.</summary>
    public static IEnumerable<Finding> Disk(PipelineSettings settings)
    {
        string[] folders =
        [
            .. settings.Recording.Folder is { } recordings ? [ProgramHome.Resolve(recordings)] : Array.Empty<string>(),
            .. settings.Output.Record is { } film ? [Path.GetDirectoryName(Path.GetFullPath(film))!] : Array.Empty<string>(),
        ];
        return folders.Length == 0 ? [Disk(Environment.CurrentDirectory, isNeeded: false)] : folders.Select(folder => Disk(folder, isNeeded: true));
    }

    /// <summary>Whether the HTTP server's port is free.</summary>
    public static Finding Port(PipelineSettings settings)
    {
        if (ListenAddress.From(settings.Http) is not { } address)
        {
            return new Finding("port", FindingLevel.Ok, "none: HTTP is off");
        }

        string text = $"{address.Address}:{address.Port}";
        try
        {
            using var listener = new TcpListener(address.Address, address.Port);
            listener.Start();
            return new Finding("port", FindingLevel.Ok, $"{text} is free");
        }
        catch (SocketException e)
        {
            return new Finding("port", FindingLevel.Warn, $"{text}: {e.Message}",
                $"ss -ltnp 'sport = :{address.Port}'    # who has it; --http http://127.0.0.1:PORT takes another");
        }
    }

    /// <summary>Whether a camera can be opened by this user.</summary>
    /// <param name="device">Its path.</param>
    internal static Finding Camera(string device)
    {
        try
        {
            File.OpenHandle(device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
            return new Finding("camera", FindingLevel.Ok, device);
        }
        catch (UnauthorizedAccessException)
        {
            return new Finding("camera", FindingLevel.Warn, $"{device} may not be opened by {Environment.UserName}",
                $"sudo usermod -aG video {Environment.UserName}    # and log in again");
        }
        catch (IOException e)
        {
            return new Finding("camera", FindingLevel.Warn, $"{device}: {e.Message}", $"fuser -v {device}    # who has it (package psmisc)");
        }
    }

    private static Finding Disk(string folder, bool isNeeded)
    {
        // Outputs make the folders that they need.
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent)
        {
            folder = parent;
        }

        if (!CanWrite(folder))
        {
            return new Finding("disk", isNeeded ? FindingLevel.Missing : FindingLevel.Warn,
                $"{folder} can't be written", $"sudo chown {Environment.UserName} {folder}");
        }

        long free = new DriveInfo(folder).AvailableFreeSpace;
        string text = string.Create(CultureInfo.InvariantCulture, $"{folder} has {free / Gigabyte:F1} GB free");
        return free < ScarceBytes
            ? new Finding("disk", FindingLevel.Warn, text, $"du -x -h -d 1 {folder} | sort -h    # what takes the space")
            : new Finding("disk", FindingLevel.Ok, text);
    }

    private static bool CanWrite(string folder)
    {
        string probe = Path.Combine(folder, $".ssd-pipeline-{Guid.NewGuid():N}");
        try
        {
            new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
