namespace Pipeline.Host.Service;

/// <summary>How a run goes, as far as systemd is concerned.</summary>
/// <param name="IsReady">Whether frames flow, or every source has been tried.</param>
/// <param name="Hang">What makes no progress though there is work for it; null where all is well.</param>
/// <param name="Summary">A line for <c>systemctl status</c>.</param>
internal readonly record struct ServiceState(bool IsReady, string? Hang, string Summary);
