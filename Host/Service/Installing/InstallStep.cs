namespace Pipeline.Host.Service.Installing;

/// <summary>One step of an installation or a removal.</summary>
/// <param name="Text">What it does, for people.</param>
/// <param name="Run">Does it; doing it twice is as good as once.</param>
internal sealed record InstallStep(string Text, Action Run);
