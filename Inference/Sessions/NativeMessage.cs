using System.Text.RegularExpressions;

namespace Pipeline.Inference;

/// <summary>Messages of native libraries, made readable: one line, without what only their authors can use.</summary>
internal static partial class NativeMessage
{
    /// <summary>More of a message than this nobody reads: cuDNN's has the whole graph behind it.</summary>
    private const int Longest = 600;

    /// <summary>An error's text in one line, without the places in foreign sources, and cut where it goes on for pages.</summary>
    public static string OneLine(string message)
    {
        string line = string.Join(' ', message.Split((char[])['\r', '\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
        line = Line().Replace(Place().Replace(line, ""), "");
        return line.Length <= Longest ? line : $"{line.AsSpan(0, Longest)} …";
    }

    // "/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:359 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool) ",
    // and behind a template's name what it was made with: "[with ERRTYPE = cudaError; bool THRW = true] ".
    [GeneratedRegex(
        @"/onnxruntime_src/\S+:[0-9]+ [^()]*\([^()]*\)( const)? (\[with [^\]]*\] )?",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Place();

    // "; hostname=cam ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/nn/conv.cc ; line=248", in the middle of CUDA's.
    [GeneratedRegex(@" ; hostname=[^;]* ; file=[^;]* ; line=[0-9]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Line();
}
