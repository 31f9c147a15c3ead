namespace Pipeline.Host.CommandLine;

/// <summary>
/// Somebody stopped the program while a model was being opened, before anything was read or written: a clean end. A thread may
/// still be inside a native library, whose own end would wait for it.
/// </summary>
/// <param name="cause">The cancellation.</param>
internal sealed class StoppedWhileOpeningException(OperationCanceledException cause)
    : Exception("Stopped while the model was being opened.", cause);
