using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Host;
using Pipeline.Host.Configuration;
using Pipeline.Host.Metering;
using Pipeline.PostProcess;

namespace Pipeline.Tests.Metering;

public sealed class MetricsExportTests
{
    [Fact]
    public async Task Start_Collector_GetsEveryInstrumentWithItsTags()
    {
        var bodies = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebApplication collector = await CollectAsync(bodies);
        using var meters = new PipelineMeters(["gate"], LabelMap.FromList(1, ["person"]), TimeProvider.System);
        using (MetricsExport.Start(new TelemetrySettings { OtlpEndpoint = $"{AddressOf(collector)}/v1/metrics", OtlpProtocol = "http" }))
        {
            meters.Record(Stage.Render, meters.Sources[0], TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(3));
        }

        // Protobuf has its texts as they are.
        string body = await bodies.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.All(
            ["ssd-pipeline", "pipeline_frames_total", "pipeline_stage_seconds", "pipeline_source_up", "gate", "render"],
            text => Assert.Contains(text, body, StringComparison.Ordinal));
    }

    [Fact]
    public void Start_CollectorIsAway_DoesNoHarm()
    {
        using var meters = new PipelineMeters(["gate"], LabelMap.FromList(1, ["person"]), TimeProvider.System);
        using IDisposable? export = MetricsExport.Start(new TelemetrySettings { OtlpEndpoint = "http://127.0.0.1:1/v1/metrics", OtlpProtocol = "http" });

        meters.Record(Stage.Render, meters.Sources[0], TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(3));

        Assert.Equal(1, meters[Stage.Render].Frames);
    }

    [Fact]
    public void Start_NotConfigured_IsNone() => Assert.Null(MetricsExport.Start(new TelemetrySettings()));

    [Theory]
    [InlineData("127.0.0.1:4317")]
    [InlineData("collector")]
    [InlineData("ftp://collector")]
    [InlineData("")]
    public void AddressOf_NoAddress_IsRefusedWithItsKey(string endpoint)
    {
        UsageException e = Assert.Throws<UsageException>(() => MetricsExport.AddressOf(new TelemetrySettings { OtlpEndpoint = endpoint }));

        Assert.Contains("Telemetry:OtlpEndpoint", e.Message, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> CollectAsync(TaskCompletionSource<string> bodies)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        WebApplication collector = builder.Build();
        collector.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            bodies.TrySetResult($"{context.Request.Path} {Encoding.Latin1.GetString(body.ToArray())}");
        });
        await collector.StartAsync();
        return collector;
    }

    private static string AddressOf(WebApplication collector) =>
        collector.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
}
