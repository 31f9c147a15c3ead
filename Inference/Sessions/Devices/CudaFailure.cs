using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Pipeline.Inference;

/// <summary>What the text of an error says of the device. ONNX Runtime gives CUDA's errors as sentences, in two forms.</summary>
internal static partial class CudaFailure
{
    /// <summary>
    /// Errors after which every call of the process fails, by NVIDIA's numbers and names (CUDA Runtime API, cudaError_t): of
    /// these the documentation says that the process must end.
    /// </summary>
    private static readonly FrozenDictionary<int, string> Final = new Dictionary<int, string>
    {
        [46] = "cudaErrorDevicesUnavailable",
        [214] = "cudaErrorECCUncorrectable",
        [220] = "cudaErrorNvlinkUncorrectable",
        [226] = "cudaErrorContained",
        [700] = "cudaErrorIllegalAddress",
        [702] = "cudaErrorLaunchTimeout",
        [709] = "cudaErrorContextIsDestroyed",
        [710] = "cudaErrorAssert",
        [714] = "cudaErrorHardwareStackError",
        [715] = "cudaErrorIllegalInstruction",
        [716] = "cudaErrorMisalignedAddress",
        [717] = "cudaErrorInvalidAddressSpace",
        [718] = "cudaErrorInvalidPc",
        [719] = "cudaErrorLaunchFailure",
        [721] = "cudaErrorTensorMemoryLeak",
        [810] = "cudaErrorMpsClientTerminated",
        [999] = "cudaErrorUnknown",
    }.ToFrozenDictionary();

    /// <summary>Whether the device's context is lost, so that only a new process can use the device again.</summary>
    /// <param name="message">An error's text.</param>
    public static bool IsDeviceLost(string message) =>
        Numbered().Matches(message).Any(match => IsFinal(NumberOf(match)))
        || Named().Matches(message).Any(match => Final.Values.Contains(match.Value, StringComparer.Ordinal));

    /// <summary>The same of CUDA's own number.</summary>
    public static bool IsFinal(int error) => Final.ContainsKey(error);

    private static int NumberOf(Match match) =>
        int.Parse(match.ValueSpan["CUDA failure ".Length..], NumberStyles.None, CultureInfo.InvariantCulture);

    // "CUDA failure 700: an illegal memory access …", of a call; ours have "CUDA failure 700 in cudaMemcpyAsync: …".
    [GeneratedRegex("CUDA failure [0-9]{1,9}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Numbered();

    // "CUDA error cudaErrorIllegalAddress:an illegal memory access …", of a kernel's launch.
    [GeneratedRegex("cudaError[A-Za-z]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Named();
}
