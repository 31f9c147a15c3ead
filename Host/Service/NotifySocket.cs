using System.Net.Sockets;
using System.Text;

namespace Pipeline.Host.Service;

/// <summary>
/// The socket on which systemd hears from its services (sd_notify(3)): a datagram of lines NAME=VALUE. Thread-safe.
/// </summary>
internal sealed class NotifySocket
{
    private const string Variable = "NOTIFY_SOCKET";

    /// <summary>In milliseconds. systemd reads at once; who waits longer has no systemd to talk to.</summary>
    private const int SendTimeout = 1000;

    private readonly UnixDomainSocketEndPoint _address;

    /// <summary>Makes a socket that sends to an address.</summary>
    /// <param name="address">A path, or an abstract name behind an @.</param>
    public NotifySocket(string address) =>
        _address = new UnixDomainSocketEndPoint(address.StartsWith('@') ? '\0' + address[1..] : address);

    /// <summary>
    /// The socket that the environment names; null where nobody listens. The variable is removed: the processes that this
    /// one starts have nothing to say to systemd.
    /// </summary>
    public static NotifySocket? FromEnvironment()
    {
        string? address = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        return address is ['/' or '@', _, ..] ? new NotifySocket(address) : null;
    }

    /// <summary>Sends a message. One that nobody takes is lost: the watchdog notices what matters.</summary>
    /// <param name="lines">Its lines.</param>
    public void Send(string lines)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = SendTimeout };
            socket.SendTo(Encoding.UTF8.GetBytes(lines), _address);
        }
        catch (SocketException)
        {
            // Nobody is there, or the process has no descriptor left: on the timer's thread that would end it.
        }
    }
}
