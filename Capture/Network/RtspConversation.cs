using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Pipeline.Capture;

/// <summary>Asks an RTSP server to describe a stream (RFC 2326, section 10.2), with a password where it wants one (RFC 7617, RFC 2617).</summary>
internal sealed partial class RtspConversation(SourceAddress address, Uri uri, Stream stream)
{
    /// <summary>Longer heads than this are no RTSP.</summary>
    private const int LongestHead = 16 * 1024;

    private int _sequence;

    /// <summary>Asks for the description and returns once the server has granted it, or answers what only a decoder understands.</summary>
    /// <exception cref="SourceException">It refuses.</exception>
    public async Task DescribeAsync(CancellationToken cancellationToken)
    {
        (int status, string head) = await AskAsync(authorization: null, cancellationToken);
        if (status == 401)
        {
            if (Credentials is not var (user, password))
            {
                throw new SourceException($"{address} asks for a user name and password: write {uri.Scheme}://user:password@{uri.Authority}…");
            }

            if (Authorize(head, user, password) is not { } authorization)
            {
                return;
            }

            (status, head) = await AskAsync(authorization, cancellationToken);
        }

        if (status is 401 or 403)
        {
            throw new SourceException($"{address} can't be opened: the server refuses the user name or the password.");
        }

        if (status >= 400)
        {
            string line = head[..head.IndexOf('\r', StringComparison.Ordinal)];
            throw new SourceException($"{address} can't be opened: the server answers '{line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]}'.");
        }
    }

    /// <summary>User name and password of the address; FFmpeg, too, takes the last @ before the path as their end.</summary>
    private (string User, string Password)? Credentials
    {
        get
        {
            string authority = AuthorityPattern().Match(address.Target).Groups["authority"].Value;
            int at = authority.LastIndexOf('@');
            if (at < 0)
            {
                return null;
            }

            string[] parts = authority[..at].Split(':', 2);
            return (Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }
    }

    /// <summary>The request's address: without credentials.</summary>
    private string Target
    {
        get
        {
            // At its place alone: the same text may stand in the path again.
            Group authority = AuthorityPattern().Match(address.Target).Groups["authority"];
            return $"{address.Target[..authority.Index]}{uri.Authority}{address.Target[(authority.Index + authority.Length)..]}";
        }
    }

    private async Task<(int Status, string Head)> AskAsync(string? authorization, CancellationToken cancellationToken)
    {
        string request = string.Create(
            CultureInfo.InvariantCulture,
            $"DESCRIBE {Target} RTSP/1.0\r\nCSeq: {++_sequence}\r\nAccept: application/sdp\r\n{authorization}\r\n");
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request), cancellationToken);

        byte[] buffer = new byte[LongestHead];
        int length = 0;
        while (length < buffer.Length)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                throw new IOException("The server closed the connection.");
            }

            length += read;
            string text = Encoding.Latin1.GetString(buffer, 0, length);
            if (text.Contains("\r\n\r\n", StringComparison.Ordinal))
            {
                // The text of a refusal before may still stand in front of it.
                return StatusPattern().Match(text) is { Success: true } match
                    ? (int.Parse(match.Groups["status"].Value, CultureInfo.InvariantCulture), text[match.Index..])
                    : throw NoRtsp();
            }
        }

        throw NoRtsp();
    }

    private SourceException NoRtsp() => new($"{address} can't be opened: {uri.Authority} does not speak RTSP.");

    /// <summary>The header that answers a challenge; null for a kind of challenge that is left to the video library.</summary>
    private string? Authorize(string head, string user, string password)
    {
        if (DigestPattern().Match(head) is { Success: true } challenge)
        {
            // The same line may go on with another challenge, which has the same fields.
            Dictionary<string, string> fields = FieldPattern().Matches(challenge.Value)
                .DistinctBy(field => field.Groups["name"].Value, StringComparer.OrdinalIgnoreCase)
                .ToDictionary(field => field.Groups["name"].Value, field => field.Groups["value"].Value, StringComparer.OrdinalIgnoreCase);
            return fields.ContainsKey("qop") || !fields.GetValueOrDefault("algorithm", "MD5").Equals("MD5", StringComparison.OrdinalIgnoreCase)
                ? null
                : Digest(fields.GetValueOrDefault("realm", ""), fields.GetValueOrDefault("nonce", ""), user, password);
        }

        return head.Contains("WWW-Authenticate: Basic", StringComparison.OrdinalIgnoreCase)
            ? $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}\r\n"
            : null;
    }

    private string Digest(string realm, string nonce, string user, string password)
    {
        string response = Hash($"{Hash($"{user}:{realm}:{password}")}:{nonce}:{Hash($"DESCRIBE:{Target}")}");
        return $"Authorization: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{Target}\", response=\"{response}\"\r\n";
    }

#pragma warning disable CA5351 // The protocol's hash: cameras know no other.
    private static string Hash(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351

    [GeneratedRegex("^[a-z]+://(?<authority>[^/?#]*)", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AuthorityPattern();

    [GeneratedRegex(@"RTSP/\d\.\d (?<status>\d{3})", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StatusPattern();

    [GeneratedRegex("WWW-Authenticate: Digest [^\r]*", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DigestPattern();

    [GeneratedRegex("(?<name>[a-z]+)=\"?(?<value>[^\",\r]*)\"?", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FieldPattern();
}
