using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Pipeline.Host.Configuration;

namespace Pipeline.Host.Metering;

/// <summary>Sends every instrument of the meter "Pipeline" to an OpenTelemetry collector, where one is configured.</summary>
/// <remarks>
/// Instruments that are asked for their values cost nothing between two exports; the histogram of the stages' times then counts a
/// second time. A collector that is away costs its own metrics and nothing else.
/// </remarks>
internal static class MetricsExport
{
    private const string StageSeconds = "pipeline_stage_seconds";

    /// <summary>Starts the export.</summary>
    /// <param name="settings">Where to, and how often.</param>
    /// <returns>To be disposed at the end, which sends the last values; null where none is configured.</returns>
    /// <exception cref="UsageException">The endpoint is no address.</exception>
    public static IDisposable? Start(TelemetrySettings settings)
    {
        if (AddressOf(settings) is not { } endpoint)
        {
            return null;
        }

        return Sdk.CreateMeterProviderBuilder()
            .AddMeter(PipelineMeters.MeterName)
            .ConfigureResource(resource => resource.AddService("ssd-pipeline", serviceVersion: ProgramVersion.Text))
            .AddView(StageSeconds, new ExplicitBucketHistogramConfiguration
            {
                Boundaries = [.. PipelineMeters.StageSecondsBounds.ToArray().Select(bound => bound.TotalSeconds)],
            })
            .AddOtlpExporter((exporter, reader) =>
            {
                exporter.Endpoint = endpoint;
                exporter.Protocol = settings.OtlpProtocol == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)settings.OtlpInterval.TotalMilliseconds;
            })
            .Build();
    }

    /// <summary>The receiver's address; null where none is configured.</summary>
    /// <exception cref="UsageException">It is no address.</exception>
    public static Uri? AddressOf(TelemetrySettings settings)
    {
        if (settings.OtlpEndpoint is null)
        {
            return null;
        }

        return Uri.TryCreate(settings.OtlpEndpoint, UriKind.Absolute, out Uri? endpoint) && endpoint.Scheme is "http" or "https"
            ? endpoint
            : throw new UsageException(
                $"Telemetry:OtlpEndpoint is '{settings.OtlpEndpoint}', which is not allowed: http://HOST:PORT or https://HOST:PORT.");
    }
}
