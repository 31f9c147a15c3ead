using Microsoft.Extensions.Logging;
using Pipeline.Host.Metering;
using Pipeline.Inference;

namespace Pipeline.Host.Running;

/// <summary>What every lane of a run works with.</summary>
/// <param name="Queues">The batcher's queues.</param>
/// <param name="Meters">All meters.</param>
/// <param name="Logger">The log.</param>
/// <param name="Time">The clock of everything.</param>
/// <param name="KeepsRunning">Whether the run goes on without sources.</param>
internal sealed record RunContext(
    SourceQueues<FrameTicket> Queues, PipelineMeters Meters, ILogger Logger, TimeProvider Time, bool KeepsRunning);
