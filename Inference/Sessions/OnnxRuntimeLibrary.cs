using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Pipeline.Inference;

/// <summary>
/// Chooses ONNX Runtime's native library, once a process: the one that was built with CUDA where it is set up and a provider
/// other than the CPU is wanted, otherwise the one beside the program.
/// </summary>
internal static class OnnxRuntimeLibrary
{
    /// <summary>The library that was built with CUDA, in its folder; its providers lie beside it.</summary>
    public const string FileName = "libonnxruntime.so.1";

    /// <summary>How ONNX Runtime's managed code calls the library.</summary>
    private const string ImportName = "onnxruntime";

    private static readonly Lock Gate = new();
    private static bool _isChosen;

    /// <summary>Chooses, if no session was opened in this process before.</summary>
    /// <param name="provider">What is wanted.</param>
    /// <param name="folder">The folder of the library that was built with CUDA; null, or one that is not there, for none.</param>
    public static void Choose(ExecutionProvider provider, string? folder)
    {
        lock (Gate)
        {
            if (!_isChosen
                && provider != ExecutionProvider.Cpu
                && folder is not null
                && !OrtEnv.IsCreated
                && Path.Combine(folder, FileName) is var path
                && File.Exists(path))
            {
                OrtEnv.DisableDllImportResolver = true;

                // 0 leaves any other library to .NET's own rules.
                NativeLibrary.SetDllImportResolver(
                    typeof(OrtEnv).Assembly,
                    (name, assembly, search) => name == ImportName ? NativeLibrary.Load(path, assembly, search) : 0);
            }

            _isChosen = true;
        }
    }
}
