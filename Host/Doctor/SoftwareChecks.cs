using System.ComponentModel;
using System.Diagnostics;
using OpenCvSharp;
using Pipeline.Host.Configuration;
using Pipeline.Host.Running;
using Pipeline.Inference;

namespace Pipeline.Host.Doctor;

/// <summary>What the program stands on: OpenCV, ffmpeg, ONNX Runtime, the model.</summary>
internal static class SoftwareChecks
{
    private const string Ffmpeg = "ffmpeg";
    private const string Encoder = "libx264";
    private static readonly TimeSpan FfmpegLimit = TimeSpan.FromSeconds(10);

    /// <summary>Back ends of OpenCV as its build information names them, and what each is for.</summary>
    private static readonly (string Name, string Purpose)[] Backends =
        [("FFMPEG", "files and streams"), ("v4l/v4l2", "webcams"), ("GStreamer", "gst: sources")];

    /// <summary>OpenCV and what it can open.</summary>
    public static IEnumerable<Finding> OpenCv()
    {
        const string package = "sudo apt-get install libopencv-videoio-dev";
        string version, information;
        Finding? broken = null;
        try
        {
            version = Cv2.GetVersionString();
            information = Cv2.GetBuildInformation();
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or EntryPointNotFoundException)
        {
            broken = new Finding("opencv", FindingLevel.Missing, $"it can't be loaded: {e.GetBaseException().Message}", package);
            version = information = "";
        }

        if (broken is not null)
        {
            yield return broken;
            yield break;
        }

        yield return new Finding("opencv", FindingLevel.Ok, $"{version} with {string.Join(", ", BackendsIn(information))}");
        foreach ((string name, string purpose) in Backends.Where(backend => !BackendsIn(information).Contains(backend.Name, StringComparer.Ordinal)))
        {
            yield return new Finding("opencv", name == Backends[0].Name ? FindingLevel.Missing : FindingLevel.Warn,
                $"this build lacks {name}: no {purpose}", package);
        }
    }

    /// <summary>The encoder of recordings.</summary>
    public static Finding Encoding()
    {
        const string mend = "sudo apt-get install ffmpeg";
        string? version = Ask("-version"), encoders = Ask("-encoders");
        if (version is null || encoders is null)
        {
            return new Finding(Ffmpeg, FindingLevel.Warn, "it can't be run: OpenCV records instead, at a constant rate and larger", mend);
        }

        string name = version.Split(' ') is [_, _, { } number, ..] ? number : version;
        return encoders.Contains(Encoder, StringComparison.Ordinal)
            ? new Finding(Ffmpeg, FindingLevel.Ok, $"{name} with {Encoder}")
            : new Finding(Ffmpeg, FindingLevel.Warn, $"{name} lacks {Encoder}", mend);
    }

    /// <summary>ONNX Runtime, and each way to run a model; one that the configuration asks for by name must work.</summary>
    public static IEnumerable<Finding> OnnxRuntime(PipelineSettings settings)
    {
        ModelSessionOptions options = RunModel.OptionsOf(settings.Inference);
        string? fault = ProviderCheck.FindFault(options, out string version);
        if (fault is not null)
        {
            yield return new Finding("onnxruntime", FindingLevel.Missing, $"it can't be loaded: {fault}", "./pipeline setup    # or install the package anew");
            yield break;
        }

        yield return new Finding("onnxruntime", FindingLevel.Ok, $"{version}; cpu works");
        foreach (ExecutionProvider provider in new[] { ExecutionProvider.Cuda, ExecutionProvider.TensorRt, ExecutionProvider.WebGpu })
        {
            string name = provider.ToString().ToLowerInvariant();
            bool isWanted = settings.Inference.Provider == name && !settings.Inference.AllowFallback;
            yield return ProviderCheck.WhyNot(provider, options) is { } reason
                ? new Finding(name, isWanted ? FindingLevel.Missing : FindingLevel.Ok, $"not here: {reason}",
                    isWanted ? "docs/gpu.md says what it needs; --provider auto takes what works" : null)
                : new Finding(name, FindingLevel.Ok, ProviderCheck.Describe(provider, options));
        }
    }

    /// <summary>The configured model and its file's hash.</summary>
    public static Finding Model(PipelineSettings settings)
    {
        try
        {
            ModelManifest manifest = ModelCatalog.Find(settings.Model.Name, ProgramHome.Resolve(settings.Model.Folder));
            manifest.CheckFile();
            return new Finding("model", FindingLevel.Ok, $"{manifest.Name}, {manifest.Labels.Ids.Count} classes, its hash is right");
        }
        catch (ModelException e)
        {
            return new Finding("model", FindingLevel.Missing, e.Message, "ssd-pipeline models import    # the default model");
        }
    }

    /// <summary>The back ends that OpenCV's build information says YES to.</summary>
    internal static IEnumerable<string> BackendsIn(string information) => Backends
        .Select(backend => backend.Name)
        .Where(name => information.Split('\n').Any(line => line.Trim() is var text
            && text.StartsWith(name + ':', StringComparison.OrdinalIgnoreCase)
            && text.Contains("YES", StringComparison.Ordinal)));

    /// <summary>What ffmpeg answers; null where it does not.</summary>
    private static string? Ask(string question)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(Ffmpeg, ["-hide_banner", question])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            Task<string> answer = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(FfmpegLimit))
            {
                process.Kill();
                return null;
            }

            return process.ExitCode == 0 ? answer.Result : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
