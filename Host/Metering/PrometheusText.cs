using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Pipeline.Host.Reporting;

namespace Pipeline.Host.Metering;

/// <summary>
/// Writes a run's meters in Prometheus' text format, version 0.0.4. What the instruments of the meter "Pipeline" would
/// report is asked for at this moment; between two scrapes it costs nothing.
/// </summary>
/// <remarks>
/// https://prometheus.io/docs/instrumenting/exposition_formats: families apart, each with its HELP and TYPE before its
/// samples; in help texts backslash and line feed are escaped, in label values the quotation mark too.
/// </remarks>
internal sealed class PrometheusText
{
    /// <summary>The content type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    private PrometheusText()
    {
    }

    /// <summary>The page of a run.</summary>
    public static string Write(PipelineMeters meters)
    {
        var page = new PrometheusText();
        page.WriteInstruments(meters);
        page.WriteStageSeconds(meters);
        page.WriteProcess();
        return page._text.ToString();
    }

    /// <summary>A number as the format has it: whole ones without a point, "+Inf" for infinity.</summary>
    internal static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private void WriteInstruments(PipelineMeters meters)
    {
        // In the order of the instruments' making; tags of a measurement last only as long as its call.
        var samples = new Dictionary<Instrument, List<(KeyValuePair<string, object?>[] Tags, double Value)>>();
        var families = new List<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.IsObservable && meters.Owns(instrument))
                {
                    families.Add(instrument);
                    samples[instrument] = [];
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => samples[instrument].Add((tags.ToArray(), value)));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => samples[instrument].Add((tags.ToArray(), value)));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => samples[instrument].Add((tags.ToArray(), value)));
        listener.Start();
        listener.RecordObservableInstruments();
        foreach (Instrument family in families)
        {
            // A counter's name says so: Prometheus wants _total at its end.
            Begin(family.Name, family.Description, family.Name.EndsWith("_total", StringComparison.Ordinal) ? "counter" : "gauge");
            samples[family].ForEach(sample => Sample(family.Name, sample.Value, sample.Tags));
        }
    }

    private void WriteStageSeconds(PipelineMeters meters)
    {
        Instrument family = meters.StageSeconds;
        ReadOnlySpan<TimeSpan> bounds = PipelineMeters.StageSecondsBounds;
        Begin(family.Name, family.Description, "histogram");
        foreach (StageMeter stage in meters.Stages)
        {
            var tag = new KeyValuePair<string, object?>("stage", stage.Name);
            long[] counts = stage.Latency.CountsUpTo(bounds, out long total, out TimeSpan sum);
            for (int i = 0; i < bounds.Length; i++)
            {
                Sample($"{family.Name}_bucket", counts[i], [tag, new("le", Number(bounds[i].TotalSeconds))]);
            }

            Sample($"{family.Name}_bucket", total, [tag, new("le", Number(double.PositiveInfinity))]);
            Sample($"{family.Name}_sum", sum.TotalSeconds, [tag]);
            Sample($"{family.Name}_count", total, [tag]);
        }
    }

    /// <summary>The names are those of Prometheus' own client libraries.</summary>
    private void WriteProcess()
    {
        Write("process_cpu_seconds_total", "Processor time of all threads.", "counter", ProcessUsage.ProcessorTime.TotalSeconds);
        Write("process_resident_memory_bytes", "Resident memory.", "gauge", Environment.WorkingSet);
        Write("process_open_fds", "Open file descriptors.", "gauge", ProcessUsage.OpenDescriptors);
        Write("process_threads", "Threads.", "gauge", ProcessUsage.Threads);
        Write(
            "process_start_time_seconds",
            "When the process started, in seconds since 1970.",
            "gauge",
            Math.Round((DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch - ProcessUsage.Age).TotalSeconds, 1));
    }

    private void Write(string name, string help, string type, double value)
    {
        Begin(name, help, type);
        Sample(name, value, []);
    }

    private void Begin(string name, string? help, string type)
    {
        string escaped = (help ?? "").Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        _text.Append("# HELP ").Append(name).Append(' ').Append(escaped).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    private void Sample(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        _text.Append(name);
        for (int i = 0; i < tags.Length; i++)
        {
            _text.Append(i == 0 ? '{' : ',').Append(tags[i].Key).Append("=\"");
            AppendEscaped(Convert.ToString(tags[i].Value, CultureInfo.InvariantCulture) ?? "");
            _text.Append('"');
        }

        _text.Append(tags.Length > 0 ? "} " : " ").Append(Number(value)).Append('\n');
    }

    private void AppendEscaped(string label)
    {
        foreach (char c in label)
        {
            _ = c switch
            {
                '\\' => _text.Append(@"\\"),
                '"' => _text.Append("\\\""),
                '\n' => _text.Append(@"\n"),
                _ => _text.Append(c),
            };
        }
    }
}
