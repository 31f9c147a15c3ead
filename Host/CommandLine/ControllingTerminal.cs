namespace Pipeline.Host.CommandLine;

/// <summary>The terminal that the program was started at.</summary>
internal static class ControllingTerminal
{
    private const string Device = "/dev/tty";

    /// <summary>Whether there is one, and it is still open: a service has none, and one that was closed can't be opened any more.</summary>
    public static bool Exists
    {
        get
        {
            try
            {
                File.OpenHandle(Device).Dispose();
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }
}
