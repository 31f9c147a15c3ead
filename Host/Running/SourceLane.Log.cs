using Microsoft.Extensions.Logging;
using Pipeline.Capture;

namespace Pipeline.Host.Running;

/// <content>What a lane says in the log.</content>
internal sealed partial class SourceLane
{
    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Warning, "{Source}: {Failure}")]
        public static partial void Failed(ILogger logger, string source, string failure);

        [LoggerMessage(14, LogLevel.Debug, "{Source}: {From} -> {To} {Reason}")]
        public static partial void StateChanged(ILogger logger, string source, SourceState from, SourceState to, string reason);

        [LoggerMessage(15, LogLevel.Information, "{Source} delivers{Format}.")]
        public static partial void Live(ILogger logger, string source, string format);

        [LoggerMessage(16, LogLevel.Information, "{Source} delivers again, after {Seconds:F1} s.")]
        public static partial void BackAgain(ILogger logger, string source, double seconds);

        [LoggerMessage(23, LogLevel.Information, "{Source} is paused.")]
        public static partial void Paused(ILogger logger, string source);

        [LoggerMessage(17, LogLevel.Warning, "{Source} stalls: {Reason}.")]
        public static partial void Stalled(ILogger logger, string source, string reason);

        [LoggerMessage(18, LogLevel.Warning, "{Source} is away: {Reason} It is tried again until it is there.")]
        public static partial void Away(ILogger logger, string source, string reason);

        [LoggerMessage(19, LogLevel.Error, "{Source}: a call into the video library did not return, and is left behind with its thread and memory.")]
        public static partial void CallHung(ILogger logger, string source);

        [LoggerMessage(11, LogLevel.Warning, "{Source}: {Warning}")]
        public static partial void EndedEarly(ILogger logger, string source, string warning);

        [LoggerMessage(14, LogLevel.Error, "{Source}: drawing on frame {Frame} failed, which is a bug of this program. Frames on which it fails are lost, and the run will end with exit code 1. {Reason}")]
        public static partial void DrawingFailed(ILogger logger, string source, long frame, string reason);

        [LoggerMessage(13, LogLevel.Warning, "{Source}: frames still out: {Leases}.")]
        public static partial void FramesStillOut(ILogger logger, string source, string leases);

        [LoggerMessage(12, LogLevel.Warning, "{Source}: {What} can't be read and is passed over.")]
        public static partial void Skipped(ILogger logger, string source, string what);
    }
}
