using System.Reflection;

namespace Pipeline.Host;

/// <summary>This program's version.</summary>
internal static class ProgramVersion
{
    /// <summary>As in Directory.Build.props, without what the build appends after a plus sign.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
