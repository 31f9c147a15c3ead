using Pipeline.Host.Health;
using Pipeline.Render;

namespace Pipeline.Host.Running;

/// <summary>A sink at work: its stage, and what is known of it.</summary>
/// <param name="Stage">Its queue and thread.</param>
/// <param name="Monitor">What became of it.</param>
internal sealed record RunningSink(SinkStage Stage, SinkMonitor Monitor)
{
    /// <summary>How its stage is.</summary>
    /// <param name="source">Whose frames alone it takes; null where it takes those of all sources.</param>
    public StageHealth HealthOf(string? source) => new(Stage.Queue.Holder, source, Stage.Queue.Count, Stage.Standstill);

    /// <summary>Says that no more frames come, and waits until it is closed.</summary>
    public Task CompleteAsync()
    {
        Stage.Queue.Complete();
        return Stage.Completion;
    }
}
