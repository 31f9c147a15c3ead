using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Pipeline.Inference;

/// <summary>
/// Finds and loads the libraries that ONNX Runtime's CUDA and TensorRT providers link: NVIDIA's driver, CUDA 13, cuDNN 9 and
/// TensorRT 10. What is loaded from a folder here is what the provider links later, so no LD_LIBRARY_PATH is needed.
/// </summary>
public static unsafe partial class CudaLibraries
{
    /// <summary>The oldest driver that CUDA 13 runs on says this of itself: 1000 × major + 10 × minor.</summary>
    private const int LeastDriverVersion = 13000;

    /// <summary>Folders of an installation, a PyTorch's site-packages/nvidia/cudnn/lib for example, are so deep.</summary>
    private const int SearchDepth = 3;

    private const string DriverName = "libcuda.so.1";
    private const int Lazy = 1;

    /// <summary>What is needed, in the order in which the libraries need each other.</summary>
    private static readonly ImmutableArray<CudaLibrary> Cuda =
    [
        new(DriverName, "NVIDIA's driver", null, null),
        new(CudaRuntime.LibraryName, "CUDA 13", null, null),
        new("libnvrtc.so.13", "CUDA 13", null, null, IsOptional: true),
        new("libcublasLt.so.13", "CUDA 13", null, null),
        new("libcublas.so.13", "CUDA 13", null, null),
        new("libcurand.so.10", "CUDA 13", null, null),
        new("libcudnn.so.9", "cuDNN 9", null, null),
    ];

    private static readonly ImmutableArray<CudaLibrary> TensorRt =
    [
        new("libnvinfer.so.10", "TensorRT 10", null, null),
        new("libnvonnxparser.so.10", "TensorRT 10", null, null),
    ];

    /// <summary>
    /// What a library loads by itself, when it is needed: from beside it, if the library was built to look there. Some of pip's
    /// and ARM's were not, and report a failure of their own much later.
    /// </summary>
    private static readonly FrozenDictionary<string, string> Companions = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["libcudnn.so.9"] = "libcudnn_*.so.9",
        ["libnvrtc.so.13"] = "libnvrtc-builtins.so.13*",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Loads what a provider needs. What is loaded stays loaded until the process ends.</summary>
    /// <param name="provider"><see cref="ExecutionProvider.Cuda"/> or <see cref="ExecutionProvider.TensorRt"/>.</param>
    /// <param name="folders">
    /// Where to look before the system's own places, sub-folders included: a PyTorch's site-packages/nvidia, for example.
    /// </param>
    /// <returns>Every library with its path or its problem, the driver first.</returns>
    public static ImmutableArray<CudaLibrary> Load(ExecutionProvider provider, IReadOnlyList<string> folders)
    {
        ArgumentNullException.ThrowIfNull(folders);
        IEnumerable<CudaLibrary> needed = provider == ExecutionProvider.TensorRt ? Cuda.Concat(TensorRt) : Cuda;
        Dictionary<string, string> files = FilesOf(folders);
        return [.. needed.Select(library => Load(library, files.GetValueOrDefault(library.Name)))];
    }

    /// <summary>Says in a sentence or two what is missing and what to do; null where nothing is.</summary>
    /// <param name="libraries">What <see cref="Load(ExecutionProvider, IReadOnlyList{string})"/> gave.</param>
    public static string? Explain(IEnumerable<CudaLibrary> libraries)
    {
        ArgumentNullException.ThrowIfNull(libraries);
        CudaLibrary[] missing = [.. libraries.Where(library => library is { Problem: not null, IsOptional: false })];
        if (missing.Length == 0)
        {
            return null;
        }

        string parts = string.Join(" and ", missing.Select(library => library.Part).Distinct(StringComparer.Ordinal));
        string remedy = missing[0].Name == DriverName
            ? "Install NVIDIA's driver 580 or newer"
            : $"Install {parts}, or name the folder that has the libraries in Inference:CudaLibraries";
        IEnumerable<string> problems = missing
            .GroupBy(library => (library.Part, library.Problem))
            .Select(group =>
                $"{string.Join(", ", group.Select(library => library.Name))} ({group.Key.Part}): {group.Key.Problem}");
        return $"{string.Join("; ", problems)}. {remedy} (docs/gpu.md)";
    }

    /// <summary>CUDA's calls; the library must have been loaded.</summary>
    /// <exception cref="DllNotFoundException">It was not.</exception>
    internal static CudaRuntime OpenRuntime() => new(NativeLibrary.Load(CudaRuntime.LibraryName));

    private static CudaLibrary Load(CudaLibrary library, string? file)
    {
        // Asked for once before, since .NET's own search for the function overwrites the error.
        _ = LastError();
        nint handle = Open(file ?? library.Name, Lazy);
        if (handle == 0)
        {
            // The loader's own words name the library that is missing where it is another one.
            string reason = Marshal.PtrToStringUTF8(LastError()) ?? "";
            return library with
            {
                Path = file,
                Problem = file is null && reason.StartsWith($"{library.Name}:", StringComparison.Ordinal)
                    ? "not found"
                    : $"does not load: {NativeMessage.OneLine(reason)}",
            };
        }

        if (file is not null && Companions.TryGetValue(library.Name, out string? companions))
        {
            LoadCompanions(Path.GetDirectoryName(file)!, companions);
        }

        return library with
        {
            Path = file ?? PathOf(library.Name),
            Problem = library.Name == DriverName ? ProblemOfDriver(handle) : null,
        };
    }

    // Twice, since one may need another that comes after it. One that fails is told by the library that wants it.
    private static void LoadCompanions(string folder, string pattern)
    {
        string[] files = Directory.GetFiles(folder, pattern);
        foreach (string file in files.Concat(files))
        {
            _ = Open(file, Lazy);
        }
    }

    private static string? ProblemOfDriver(nint driver)
    {
        if (!NativeLibrary.TryGetExport(driver, "cuInit", out nint initialize)
            || !NativeLibrary.TryGetExport(driver, "cuDriverGetVersion", out nint getVersion))
        {
            return "no driver of NVIDIA's";
        }

        int version;
        int error = ((delegate* unmanaged<int*, int>)getVersion)(&version);
        if (error == 0 && version < LeastDriverVersion)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"for CUDA {version / 1000}.{version % 1000 / 10}, and CUDA 13 needs driver 580 or newer");
        }

        error = ((delegate* unmanaged<uint, int>)initialize)(0);
        return error switch
        {
            0 => null,
            100 => "finds no GPU (CUDA_ERROR_NO_DEVICE)",
            _ => string.Create(CultureInfo.InvariantCulture, $"does not start (CUDA error {error})"),
        };
    }

    /// <summary>The libraries in folders by their names, the first one of each.</summary>
    private static Dictionary<string, string> FilesOf(IReadOnlyList<string> folders)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = SearchDepth };
        foreach (string folder in folders.Where(Directory.Exists))
        {
            foreach (string file in Directory.EnumerateFiles(folder, "lib*.so*", options).Order(StringComparer.Ordinal))
            {
                files.TryAdd(Path.GetFileName(file), Path.GetFullPath(file));
            }
        }

        return files;
    }

    /// <summary>Where a library that is loaded came from.</summary>
    private static string? PathOf(string name) => File.ReadLines("/proc/self/maps")
        .Select(line => line.IndexOf('/', StringComparison.Ordinal) is var start and >= 0 ? line[start..] : "")
        .FirstOrDefault(path => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal));

    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string file, int flags);

    [LibraryImport("libc", EntryPoint = "dlerror")]
    private static partial nint LastError();
}
