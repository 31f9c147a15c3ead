using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Render;
using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>
/// The built program while it records a live source, and kill -9 at random moments. The JSON lines, which are written frame by
/// frame, tell what was captured; what the recordings lack of it is lost.
/// </summary>
public sealed class KilledRecordingTests : IDisposable
{
    private const int Kill = 9;
    private const int Interrupt = 2;
    private const int Rounds = 20;
    private const int AtOnce = 5;

    /// <summary>What may be lost, in seconds.</summary>
    private const double Allowed = 2;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Kill_TwentyRandomMoments_LosesAtMostTheLastTwoSeconds()
    {
        var random = new Random(20261121);
        double[] delays = [.. Enumerable.Range(0, Rounds).Select(_ => 2.5 * random.NextDouble())];
        double[] losses = new double[Rounds];
        await Parallel.ForAsync(0, Rounds, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (round, _) =>
            losses[round] = await KillAsync(round, (Victim)(round % 3), TimeSpan.FromSeconds(delays[round])));

        Assert.All(losses, loss => Assert.InRange(loss, 0, Allowed));
    }

    private enum Victim
    {
        Program,
        Encoder,
        Both,
    }

    /// <summary>Runs the program, kills somebody, and returns the longest piece of time that a recording lacks.</summary>
    private async Task<double> KillAsync(int round, Victim victim, TimeSpan delay)
    {
        string lines = _folder[$"{round}.jsonl"], video = _folder[$"{round}.mp4"], archive = _folder[$"{round}"];
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["PIPELINE_Recording__Folder"] = archive,
            ["PIPELINE_Recording__SegmentLength"] = "00:00:02",
        };
        using Command program = PipelineProgram.Start(
            settings, "run", "--source", "test://160x120@10", "--threads", "1", "--record", video, "--jsonl", lines);

        await UntilAsync(lines, count: 12);
        await Task.Delay(delay);
        int encoder = int.Parse((await Command.RunAsync("pgrep", ["-P", $"{program.Id}", "-x", "ffmpeg"])).Output, CultureInfo.InvariantCulture);
        if (victim is Victim.Program or Victim.Both)
        {
            program.Signal(Kill);
        }

        if (victim is Victim.Encoder or Victim.Both)
        {
            await Command.RunAsync("kill", ["-9", $"{encoder}"]);
        }

        if (victim is Victim.Encoder)
        {
            await UntilAsync(lines, LinesOf(lines).Count + 12);
            program.Signal(Interrupt);
        }

        await program.WaitAsync();
        return Math.Max(await LossAsync(LinesOf(lines), [video]), await LossAsync(LinesOf(lines), SegmentsOf(archive)));
    }

    /// <summary>Waits until so many frames have been written.</summary>
    private static async Task UntilAsync(string lines, int count)
    {
        while (!File.Exists(lines) || LinesOf(lines).Count < count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    /// <summary>The captured times of the whole lines of a file, in seconds.</summary>
    private static List<double> LinesOf(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        string[] lines = reader.ReadToEnd().Split('\n');
        return [.. lines[..^1].Select(line => JsonDocument.Parse(line).RootElement.GetProperty("timeMs").GetDouble() / 1000)];
    }

    /// <summary>The segments as the next start of the program leaves them.</summary>
    private static string[] SegmentsOf(string folder)
    {
        using RecordingArchive archive = RecordingArchive.Open(folder, new RetentionOptions(), NullLogger.Instance, TimeProvider.System);
        IReadOnlyList<Recording> recordings = archive.Index.Find(new RecordingQuery());
        Assert.DoesNotContain(recordings, recording => recording.IsOpen);
        return [.. recordings.Select(recording => Path.Combine(folder, recording.Path))];
    }

    /// <summary>
    /// What files lack of the captured frames, in seconds: each frame that a file has is some captured one, so the count tells.
    /// Every file must play without an error, from zero on, its times rising.
    /// </summary>
    private static async Task<double> LossAsync(List<double> captured, string[] files)
    {
        int frames = 0;
        foreach (string file in files)
        {
            double[] times = await VideoProbe.FrameTimesAsync(file);
            Assert.Equal(0, times[0]);
            Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.First < pair.Second));
            frames += times.Length;
        }

        return Math.Max(captured.Count - frames, 0) * (captured[^1] / (captured.Count - 1));
    }
}
