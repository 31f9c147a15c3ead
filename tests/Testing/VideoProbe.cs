using System.Globalization;

namespace Pipeline.Testing;

/// <summary>What ffprobe and ffmpeg say about a video file.</summary>
public static class VideoProbe
{
    /// <summary>The presentation time of each frame in seconds, after decoding all of them without an error.</summary>
    public static async Task<double[]> FrameTimesAsync(string path)
    {
        string output = await ProbeAsync(path, "frame=pts_time");
        return [.. output.Split(['\n', ','], StringSplitOptions.RemoveEmptyEntries).Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
    }

    /// <summary>How many frames there are, after decoding all of them without an error.</summary>
    public static async Task<int> CountFramesAsync(string path) => (await FrameTimesAsync(path)).Length;

    /// <summary>Properties of the video stream, as ffprobe names them.</summary>
    public static async Task<string[]> StreamAsync(string path, params string[] properties)
    {
        string output = await ProbeAsync(path, $"stream={string.Join(',', properties)}");
        return output.Trim().Split(',');
    }

    private static async Task<string> ProbeAsync(string path, string entries)
    {
        CommandResult result = await Command.RunAsync(
            "ffprobe", ["-v", "error", "-select_streams", "v:0", "-show_entries", entries, "-of", "csv=p=0", path]);
        return result is { ExitCode: 0, Error: "" }
            ? result.Output
            : throw new InvalidDataException($"{path} is not a whole video: {result.Error}");
    }
}
