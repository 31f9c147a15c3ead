using Pipeline.Testing;

namespace Pipeline.Tests.EndToEnd;

/// <summary>The built program with a webcam that tests/webcam/v4l2fake.c makes up beneath it, through real Video4Linux calls.</summary>
public sealed class WebcamTests(WebcamTests.FakeWebcam webcam) : IClassFixture<WebcamTests.FakeWebcam>
{
    [Fact]
    public async Task Webcam_Delivers_FramesOfItsSize()
    {
        CommandResult result = await webcam.RunAsync("/dev/video0", frames: 10);

        Assert.True(result.ExitCode == 0, result.Error);
        string[] lines = result.Output.Split('\n').Where(line => line.StartsWith('{')).ToArray();
        Assert.Equal(10, lines.Length);
        Assert.All(lines, line => Assert.Contains("\"width\":320,\"height\":240", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Webcam_AskedForASizeItDoesNotHave_GivesTheNearestAndSaysSo()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["settings.json"], """{ "Sources": [ { "Uri": "0", "Width": 1280, "Height": 720 } ] }""");

        CommandResult result = await webcam.RunAsync(["--config", folder["settings.json"]], frames: 1);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("camera0 delivers: 320x240 YUYV 15 fps.", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "320x240 MJPG 15 fps")]
    [InlineData(", \"PixelFormat\": \"yuyv\"", "320x240 YUYV 15 fps")]
    public async Task Webcam_AskedForMoreThanRawPicturesAllow_GivesJpegUnlessToldOtherwise(string more, string got)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["settings.json"], $$"""{ "Sources": [ { "Uri": "0", "Width": 1280, "Height": 720{{more}} } ] }""");

        CommandResult result = await webcam.RunAsync(["--config", folder["settings.json"]], frames: 5, ("V4L2FAKE_MJPG", webcam.JpegFile));

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains($"camera0 delivers: {got}.", result.Error, StringComparison.Ordinal);
        Assert.Equal(5, result.Output.Split('\n').Count(line => line.StartsWith('{')));
    }

    [Fact]
    public async Task Webcam_UnpluggedAndPluggedInAgain_IsOpenedAnew()
    {
        CommandResult result = await webcam.RunAsync("0", frames: 25, ("V4L2FAKE_UNPLUG_AFTER", "10"));

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("is gone: was it unplugged?", result.Error, StringComparison.Ordinal);
        Assert.Contains("delivers again", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Webcam_FallsSilent_StallsAndIsOpenedAnew()
    {
        CommandResult result = await webcam.RunAsync("0", frames: 15, ("V4L2FAKE_STALL_AFTER", "10"));

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("camera0 stalls: no frame for", result.Error, StringComparison.Ordinal);
        Assert.Contains("gave no frame for 5 s", result.Error, StringComparison.Ordinal);
        Assert.Contains("delivers again", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Webcam_NotThere_EndsWith3AndSaysWhatToLookFor()
    {
        CommandResult result = await webcam.RunAsync("7", frames: 1, ("PIPELINE_Reading__GiveUpAfter", "00:00:02"));

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("is it plugged in, free, and readable by this user?", result.Error, StringComparison.Ordinal);
    }

    /// <summary>The made-up device, compiled once.</summary>
    public sealed class FakeWebcam : IAsyncLifetime, IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        /// <summary>The frames as JPEGs, for a camera that has those too.</summary>
        public string JpegFile => _folder["frames.mjpg"];

        public async Task InitializeAsync()
        {
            string source = Path.Combine(Repository.Root, "tests", "webcam", "v4l2fake.c");
            await RequireAsync("gcc", "-O2", "-w", "-shared", "-fPIC", "-o", _folder["v4l2fake.so"], source, "-ldl", "-lm");
            await RequireAsync(
                "ffmpeg", "-v", "error", "-i", Repository.SampleVideo, "-frames:v", "20", "-vf", "scale=320:240", "-pix_fmt", "yuyv422", "-f",
                "rawvideo", _folder["frames.yuyv"]);
            await RequireAsync(
                "ffmpeg", "-v", "error", "-i", Repository.SampleVideo, "-frames:v", "20", "-vf", "scale=320:240", "-c:v", "mjpeg", "-pix_fmt", "yuvj422p",
                "-f", "mjpeg", JpegFile);
        }

        /// <summary>Runs the program on a webcam, writing JSON lines to standard output.</summary>
        public Task<CommandResult> RunAsync(string source, int frames, params (string Name, string Value)[] environment) =>
            RunAsync(["--source", source], frames, environment);

        /// <summary>Runs the program with options that name the webcam.</summary>
        public Task<CommandResult> RunAsync(string[] options, int frames, params (string Name, string Value)[] environment)
        {
            var variables = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["LD_PRELOAD"] = _folder["v4l2fake.so"],
                ["V4L2FAKE_DEV"] = "/dev/video0",
                ["V4L2FAKE_FILE"] = _folder["frames.yuyv"],
                ["V4L2FAKE_SIZE"] = "320x240",
                ["V4L2FAKE_FPS"] = "15",
            };
            foreach ((string name, string value) in environment)
            {
                variables[name] = value;
            }

            return PipelineProgram.RunAsync(variables, ["run", .. options, "--frames", $"{frames}", "--every-frame", "--jsonl", "-"]);
        }

        public Task DisposeAsync() => Task.CompletedTask;

        public void Dispose() => _folder.Dispose();

        private static async Task RequireAsync(string program, params string[] arguments)
        {
            CommandResult result = await Command.RunAsync(program, arguments);
            Assert.True(result.ExitCode == 0, $"{program}: {result.Error}");
        }
    }
}
