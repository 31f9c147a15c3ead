namespace Pipeline.Host.Running;

/// <summary>Waits for sinks to write what they have and to close. One that stands still is given up; one that is slow never is.</summary>
internal static class SinkDrain
{
    /// <summary>How long no frame may be written, nor a file be at its closing, before the waiting ends.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Waits.</summary>
    /// <param name="completion">Ends when all of them are closed.</param>
    /// <param name="sinks">The sinks, which get no more frames.</param>
    /// <param name="time">The clock of the limit.</param>
    /// <returns>The sinks that were given up: each counts as failed, and its thread is left behind.</returns>
    public static async Task<IReadOnlyList<RunningSink>> WaitAsync(Task completion, IReadOnlyList<RunningSink> sinks, TimeProvider time)
    {
        long handled;
        do
        {
            handled = Handled(sinks);
            try
            {
                await completion.WaitAsync(Limit, time);
                return [];
            }
            catch (TimeoutException)
            {
                // Who wrote a frame meanwhile is slow, and has as long again.
            }
        }
        while (Handled(sinks) > handled);

        RunningSink[] givenUp = [.. sinks.Where(sink => !sink.Stage.Completion.IsCompleted)];
        Array.ForEach(givenUp, sink => sink.Monitor.OnHung(Limit));
        return givenUp;
    }

    private static long Handled(IReadOnlyList<RunningSink> sinks) => sinks.Sum(sink => sink.Stage.Handled);
}
