using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Host.Configuration;
using Pipeline.Host.Running;
using Pipeline.PostProcess;
using Pipeline.Render;
using Pipeline.Testing;

namespace Pipeline.Tests.Running;

public sealed class SinkSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task OpenFor_OneOfTheSinksCantBeWritten_LeavesNoThreadOfTheOthers()
    {
        // The system knows the first fifteen letters of a thread's name.
        const string thread = "recording of q7";
        var settings = new PipelineSettings
        {
            Recording = new RecordingSettings { Folder = _folder.Path, FreeMiB = 0 },
            Output = new OutputSettings { JsonLines = "/dev/null/{source}.jsonl" },
        };
        using var sinks = new SinkSet(settings, LabelMap.FromList(1, ["thing"]), [], NullLogger.Instance, TimeProvider.System);

        Assert.Throws<OutputException>(() => sinks.OpenFor(new SourceSettings { Uri = "0", Name = "q7" }, latest: true));

        await ControlledRun.UntilAsync(() => !Threads().Contains(thread));
    }

    private static IEnumerable<string> Threads()
    {
        foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            string name;
            try
            {
                name = File.ReadAllText(Path.Combine(task, "comm")).TrimEnd('\n');
            }
            catch (IOException)
            {
                continue; // it has ended meanwhile
            }

            yield return name;
        }
    }
}
