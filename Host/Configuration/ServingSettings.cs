namespace Pipeline.Host.Configuration;

/// <summary>The HTTP server: health, metrics, status, sources, snapshots.</summary>
public sealed record HttpSettings
{
    /// <summary>The value of <see cref="Url"/> that switches the server off.</summary>
    public const string Off = "off";

    /// <summary>Where it listens, http://ADDRESS:PORT, or off. Other addresses than loopback need a token.</summary>
    public string Url { get; init; } = "http://127.0.0.1:8080";

    /// <summary>The token that every request must bear, 16 characters or more; null for none.</summary>
    [AllowedLength(16)]
    public string? Token { get; init; }

    /// <summary>Further names by which it may be called, as behind a proxy.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];
}

/// <summary>Where metrics are sent.</summary>
public sealed record TelemetrySettings
{
    /// <summary>The OTLP receiver that gets all metrics, such as http://127.0.0.1:4317; null for none.</summary>
    public string? OtlpEndpoint { get; init; }

    /// <summary>How it is spoken to: grpc, or http (then the endpoint's path is usually /v1/metrics).</summary>
    [AllowedWords("grpc", "http")]
    public string OtlpProtocol { get; init; } = "grpc";

    /// <summary>Time between two exports.</summary>
    [AllowedRange(1, 86400, Example = "00:01:00")]
    public TimeSpan OtlpInterval { get; init; } = TimeSpan.FromMinutes(1);
}
