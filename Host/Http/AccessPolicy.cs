using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Host.Http;

/// <summary>What an access policy says of a request.</summary>
internal enum Access
{
    /// <summary>It may go on.</summary>
    Granted,

    /// <summary>It was sent to a name that is not this server's: a page elsewhere may be behind it (DNS rebinding).</summary>
    ForeignHost,

    /// <summary>A page of another origin sent it.</summary>
    ForeignOrigin,

    /// <summary>Its token is missing or wrong.</summary>
    NoToken,

    /// <summary>Too many wrong tokens came from its address lately.</summary>
    TooManyFailures,
}

/// <summary>
/// Decides who may talk to the server: requests that name it by one of its own names, that no page of another origin has
/// sent, and that bear the token where there is one. Loopback is no protection by itself: any page in a browser on this
/// machine can send requests to it.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class AccessPolicy
{
    private const string Scheme = "Bearer ";

    private readonly HashSet<string> _hosts;
    private readonly byte[]? _tokenHash;
    private readonly FailureLimiter _failures;

    /// <summary>Makes a policy.</summary>
    /// <param name="hosts">Names and addresses, without ports, by which the server may be called.</param>
    /// <param name="token">The token that every request must bear; null for none.</param>
    /// <param name="time">The clock of the limit on wrong tokens.</param>
    public AccessPolicy(IEnumerable<string> hosts, string? token, TimeProvider time)
    {
        _hosts = new HashSet<string>(hosts, StringComparer.OrdinalIgnoreCase);
        _tokenHash = token is null ? null : Hash(token);
        _failures = new FailureLimiter(time);
    }

    /// <summary>Decides on a request.</summary>
    /// <param name="peer">Whom it came from.</param>
    /// <param name="host">Its Host header without the port; an IPv6 address with or without brackets.</param>
    /// <param name="authority">Its Host header as it is, with the port.</param>
    /// <param name="origin">Its Origin header; null where it has none.</param>
    /// <param name="fetchSite">Its Sec-Fetch-Site header; null where it has none.</param>
    /// <param name="authorization">Its Authorization header; null where it has none.</param>
    public Access Decide(IPAddress peer, string host, string authority, string? origin, string? fetchSite, string? authorization)
    {
        if (!_hosts.Contains(host.Trim('[', ']')))
        {
            return Access.ForeignHost;
        }

        if (!IsOwnOrigin(origin, authority) || fetchSite is "cross-site" or "same-site")
        {
            return Access.ForeignOrigin;
        }

        if (_tokenHash is null)
        {
            return Access.Granted;
        }

        if (!_failures.MayTry(peer))
        {
            return Access.TooManyFailures;
        }

        if (BearsToken(authorization))
        {
            return Access.Granted;
        }

        // Who sends no token at all is not guessing.
        if (authorization is not null)
        {
            _failures.Add(peer);
        }

        return Access.NoToken;
    }

    /// <summary>
    /// Whether a browser says that the page that sent the request is this server's. "null" is what a sandboxed page or a
    /// local file sends.
    /// </summary>
    private static bool IsOwnOrigin(string? origin, string authority) => origin is null
        || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri)
            && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.Authority.Equals(authority, StringComparison.OrdinalIgnoreCase));

    /// <summary>Compares hashes, which have one length, in a time that does not tell where they differ.</summary>
    private bool BearsToken(string? authorization) => authorization is not null
        && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Hash(authorization[Scheme.Length..].Trim()), _tokenHash);

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
