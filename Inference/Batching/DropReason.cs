namespace Pipeline.Inference;

/// <summary>Why a ticket came back without having been run.</summary>
public enum DropReason
{
    /// <summary>A newer one of its live source took its place in the queue.</summary>
    Superseded,

    /// <summary>Batching was stopped.</summary>
    Stopped,
}
