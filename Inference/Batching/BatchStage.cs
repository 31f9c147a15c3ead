namespace Pipeline.Inference;

/// <summary>Whose turn it is with a batch: waiting for that stage, or in its hands.</summary>
internal enum BatchStage
{
    /// <summary>Nobody's: it is empty.</summary>
    Free,

    /// <summary>It is being filled.</summary>
    Prepare,

    /// <summary>It waits for the session, or is being run.</summary>
    Run,

    /// <summary>It waits to be decoded, or is being decoded.</summary>
    Decode,
}
