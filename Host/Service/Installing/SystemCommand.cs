using System.ComponentModel;
using System.Diagnostics;

namespace Pipeline.Host.Service.Installing;

/// <summary>Commands of the system, whose output goes to the user.</summary>
internal static class SystemCommand
{
    /// <summary>Runs a command that must succeed.</summary>
    /// <exception cref="UsageException">It is not there, or it failed.</exception>
    public static void Run(string command, params string[] arguments)
    {
        int code = Try(command, arguments);
        if (code != 0)
        {
            throw new UsageException($"'{command} {string.Join(' ', arguments)}' failed with exit code {code}.");
        }
    }

    /// <summary>Runs a command.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="UsageException">It is not there.</exception>
    public static int Try(string command, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(command, arguments);
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (Win32Exception e)
        {
            throw new UsageException($"{command} can't be run ({e.Message}): a service needs systemd.", e);
        }
    }
}
