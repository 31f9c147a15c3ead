using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pipeline.Capture;
using Pipeline.Host.Configuration;
using Pipeline.Host.Doctor;

namespace Pipeline.Host.CommandLine;

/// <summary>doctor: says what this machine has, what is missing, and which command mends it.</summary>
internal static class DoctorCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var config = new Option<string?>("--config") { Description = "The configuration file", HelpName = "PATH" };
        var json = new Option<bool>("--json") { Description = "Print the findings as JSON" };
        var command = new Command("doctor", "Show what this machine has, and how to mend what is missing.") { config, json };
        command.SetAction(result =>
        {
            Finding[] findings = [.. Examine(result.GetValue(config))];
            Console.Write(result.GetValue(json)
                ? JsonSerializer.Serialize(new { findings }, Json) + "\n"
                : string.Concat(findings.Select(Draw)));
            return findings.Any(finding => finding.Level == FindingLevel.Missing) ? ExitCode.Fault : ExitCode.Done;
        });
        return command;
    }

    private static IEnumerable<Finding> Examine(string? config)
    {
        yield return MachineChecks.Machine();
        Finding configuration = LoadConfiguration(config, out PipelineSettings settings);
        yield return configuration;
        foreach (Finding finding in SoftwareChecks.OpenCv())
        {
            yield return finding;
        }

        yield return SoftwareChecks.Encoding();
        foreach (Finding finding in SoftwareChecks.OnnxRuntime(settings))
        {
            yield return finding;
        }

        yield return SoftwareChecks.Model(settings);
        yield return MachineChecks.Gpu();
        foreach (Finding finding in MachineChecks.Cameras(settings))
        {
            yield return finding;
        }

        foreach (Finding finding in MachineChecks.Disk(settings))
        {
            yield return finding;
        }

        yield return MachineChecks.Port(settings);
    }

    /// <summary>Reads the configuration; where that is not possible, the rest is examined with the defaults.</summary>
    private static Finding LoadConfiguration(string? config, out PipelineSettings settings)
    {
        try
        {
            settings = SettingsLoader.Load(config, new Dictionary<string, string?>(StringComparer.Ordinal));
            return new Finding("configuration", FindingLevel.Ok, $"is valid; sources: {settings.Sources.Count}");
        }
        catch (UsageException e)
        {
            settings = new PipelineSettings();
            return new Finding("configuration", FindingLevel.Missing, SourceAddress.Redact(e.Message), "edit appsettings.json or appsettings.local.json, or the PIPELINE_ variables");
        }
    }

    private static string Draw(Finding finding)
    {
        string color = finding.Level switch
        {
            FindingLevel.Missing => Colors.Red,
            FindingLevel.Warn => Colors.Yellow,
            _ => Colors.Green,
        };
        string level = Colors.ForOutput($"{finding.Level.ToString().ToLowerInvariant(),-8}", color);
        string mend = finding.Mend is null ? "" : $"{"",-22}mend: {finding.Mend}\n";
        return $"{level}{finding.Subject,-14}{finding.Text}\n{mend}";
    }
}
