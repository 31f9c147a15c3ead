using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Host.Bench;

/// <summary>What 'bench device' measured: its --json file.</summary>
/// <param name="Processor">The processor's name.</param>
/// <param name="Device">The GPU's name; null where the driver names none.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Pictures">Pictures that were compared with the CPU's results.</param>
/// <param name="Setups">Every way of running it that was measured.</param>
internal sealed record DeviceReport(
    string Processor, string? Device, string Model, int Pictures, IReadOnlyList<SetupFigures> Setups)
{
    /// <summary>The report as JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, DeviceJson.Default.DeviceReport);
}

/// <summary>One way of running the model.</summary>
/// <param name="Setup">Its name: "fp16 channels-last graph".</param>
/// <param name="Batch">Images a run.</param>
/// <param name="Provider">What ran it; null where it did not run.</param>
/// <param name="Problem">Why it did not run; null where it did.</param>
/// <param name="Rate">How fast it was; null where it did not run.</param>
/// <param name="Latency">How long an image takes; null where it did not run.</param>
/// <param name="Parity">How near it came to the CPU; null where it did not run.</param>
internal sealed record SetupFigures(
    string Setup,
    int Batch,
    string? Provider,
    string? Problem,
    RateFigures? Rate,
    LatencyFigures? Latency,
    ParityFigures? Parity);

/// <summary>Runs one after another, the copies of each beside the runs of others.</summary>
/// <param name="Fps">Images a second, copies in and out included.</param>
/// <param name="FpsWithoutCopies">Images a second of the device's own time for the runs; null on the CPU.</param>
/// <param name="RunMs">Time of a run by the device's clock, the mean; null on the CPU.</param>
/// <param name="CopyInMs">Time of the copy of its input, likewise.</param>
/// <param name="CopyOutMs">Time of the copy of its outputs, likewise.</param>
/// <param name="DeviceIdle">Share of the time in which no run was on the device, 0 to 1.</param>
internal sealed record RateFigures(
    double Fps, double? FpsWithoutCopies, double? RunMs, double? CopyInMs, double? CopyOutMs, double? DeviceIdle);

/// <summary>A batch alone: from its input in main memory to its outputs there.</summary>
/// <param name="P50Ms">The median.</param>
/// <param name="P99Ms">The 99th percentile.</param>
internal sealed record LatencyFigures(double P50Ms, double P99Ms);

/// <summary>The outputs against those of the CPU in single precision.</summary>
/// <param name="LargestBoxDifference">Of all box codes.</param>
/// <param name="LargestScoreDifference">Of all logits.</param>
/// <param name="BoxShare">The former as a share of the CPU's largest box code by magnitude.</param>
/// <param name="ScoreShare">The latter as a share of the CPU's largest logit by magnitude.</param>
/// <param name="SameDetections">
/// Pictures on which the same classes were found, in the same order of scores; null for random weights.
/// </param>
/// <param name="LargestCornerDifference">
/// Of the boxes of those detections, as a share of the picture's side; null for random weights.
/// </param>
/// <param name="IsWithinBounds">Whether all of it is what <see cref="ParityBounds"/> asks for in this precision.</param>
internal sealed record ParityFigures(
    double LargestBoxDifference,
    double LargestScoreDifference,
    double BoxShare,
    double ScoreShare,
    int? SameDetections,
    double? LargestCornerDifference,
    bool IsWithinBounds);

/// <summary>
/// Serialisation without reflection. Outputs that overflow in half precision differ by NaN or infinity, which are written as words.
/// </summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(DeviceReport))]
internal sealed partial class DeviceJson : JsonSerializerContext;
