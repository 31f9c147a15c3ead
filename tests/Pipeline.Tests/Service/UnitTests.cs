using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Testing;

namespace Pipeline.Tests.Service;

/// <summary>deploy/ssd-pipeline.service.</summary>
public sealed partial class UnitTests
{
    private static readonly string Unit = Path.Combine(Repository.Root, "deploy/ssd-pipeline.service");

    /// <summary>It needs no running systemd for this.</summary>
    [Fact]
    public async Task Security_OfTheUnit_IsTwoOrBetter()
    {
        CommandResult result = await Command.RunAsync("systemd-analyze", ["security", "--offline=true", Unit]);

        Match level = ExposureLevel().Match(result.Output);
        Assert.True(level.Success, result.Output + result.Error);
        Assert.InRange(double.Parse(level.Groups["level"].Value, CultureInfo.InvariantCulture), 0, 2);
    }

    [Theory]
    [InlineData("Type=notify")]
    [InlineData("KillMode=mixed")]
    [InlineData("RestartPreventExitStatus=2 4")]
    [InlineData("WatchdogSec=30")]
    [InlineData("User=ssd-pipeline")]
    [InlineData("DeviceAllow=char-nvidia* rw")]
    public void Unit_HasWhatTheProgramReliesOn(string line) => Assert.Contains(line, File.ReadAllLines(Unit));

    [GeneratedRegex(@"Overall exposure level for \S+: (?<level>[0-9.]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ExposureLevel();
}
