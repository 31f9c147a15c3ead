namespace Pipeline.Render;

/// <summary>When something is worth recording.</summary>
/// <param name="Classes">The ids of the classes that must be seen; empty for any.</param>
/// <param name="Before">What is recorded from before the first of them; a key frame's distance more, since a player begins at one.</param>
/// <param name="After">What is recorded after the last of them.</param>
public sealed record EventOptions(IReadOnlyList<int> Classes, TimeSpan Before, TimeSpan After);
