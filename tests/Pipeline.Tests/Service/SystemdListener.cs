using System.Net.Sockets;
using System.Text;
using Pipeline.Testing;

namespace Pipeline.Tests.Service;

/// <summary>The end of the socket that systemd holds.</summary>
internal sealed class SystemdListener : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };

    public SystemdListener(bool isAbstract = false)
    {
        Address = isAbstract ? $"@ssd-pipeline-test-{Guid.NewGuid():N}" : _folder["notify"];
        _socket.Bind(new UnixDomainSocketEndPoint(isAbstract ? '\0' + Address[1..] : Address));
    }

    /// <summary>What NOTIFY_SOCKET would be.</summary>
    public string Address { get; }

    /// <summary>The next message; waits for it, a minute at most.</summary>
    public string Next()
    {
        byte[] buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, _socket.Receive(buffer));
    }

    public void Dispose()
    {
        _socket.Dispose();
        _folder.Dispose();
    }
}
