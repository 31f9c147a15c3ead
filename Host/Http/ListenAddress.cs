using System.Net;
using System.Net.Sockets;
using Pipeline.Host.Configuration;

namespace Pipeline.Host.Http;

/// <summary>Where the server listens, and the names by which it may be called there.</summary>
/// <param name="Address">The address of the network interface; Any for all.</param>
/// <param name="Port">The port; 0 for any free one.</param>
/// <param name="Hosts">Names and addresses that a request's Host header may have.</param>
internal sealed record ListenAddress(IPAddress Address, int Port, IReadOnlyList<string> Hosts)
{
    private const string Localhost = "localhost";

    /// <summary>Reads the settings; null where the server is off.</summary>
    /// <exception cref="UsageException">
    /// The address is none, or others than this machine could reach it without a token.
    /// </exception>
    public static ListenAddress? From(HttpSettings settings)
    {
        if (settings.Url.Equals(HttpSettings.Off, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (!Uri.TryCreate(settings.Url, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
        {
            throw new UsageException($"Http:Url (--http) is '{settings.Url}', which is not allowed: http://ADDRESS:PORT, or off.");
        }

        IPAddress address = AddressOf(uri, settings.Url);
        if (!IPAddress.IsLoopback(address) && string.IsNullOrEmpty(settings.Token))
        {
            throw new UsageException(
                $"Http:Url (--http) is '{settings.Url}', which other machines can reach. Set Http:Token (PIPELINE_Http__Token), or listen on 127.0.0.1.");
        }

        return new ListenAddress(address, uri.Port, [.. HostsOf(uri, address), .. settings.Hosts]);
    }

    private static IPAddress AddressOf(Uri uri, string text)
    {
        if (uri.IsLoopback && uri.HostNameType == UriHostNameType.Dns)
        {
            return IPAddress.Loopback;
        }

        return IPAddress.TryParse(uri.DnsSafeHost, out IPAddress? address)
            ? address
            : throw new UsageException(
                $"Http:Url (--http) is '{text}': '{uri.Host}' is no address to listen on. Write an IP address of this machine, localhost, or 0.0.0.0 for all.");
    }

    /// <summary>A server on all interfaces is called by the machine's name and by any of its addresses.</summary>
    private static IEnumerable<string> HostsOf(Uri uri, IPAddress address)
    {
        if (IPAddress.IsLoopback(address))
        {
            return [Localhost, IPAddress.Loopback.ToString(), IPAddress.IPv6Loopback.ToString()];
        }

        string[] own = [uri.DnsSafeHost, Environment.MachineName, Localhost, IPAddress.Loopback.ToString(), IPAddress.IPv6Loopback.ToString()];
        return address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? own.Concat(InterfaceAddresses()) : own;
    }

    private static IEnumerable<string> InterfaceAddresses() =>
        from network in System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
        from unicast in network.GetIPProperties().UnicastAddresses
        where unicast.Address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6
        select unicast.Address.ToString();
}
