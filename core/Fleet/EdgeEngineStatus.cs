namespace Pipeline.Core.Fleet;

/// <summary>How an edge stands to a version that its route names. Sent by name: add only.</summary>
public enum EdgeEngineStatus
{
    /// <summary>
    /// It is being fetched or loaded, or it is tried again after what speaks against this edge, the way to it or this moment:
    /// storage away, a full disk, one process that ended. The reason says which.
    /// </summary>
    Loading,

    Serving,

    /// <summary>
    /// The engine is at fault: it would not verify, load or warm up, or it ended processes. The old one goes on serving, and a
    /// candidate is withdrawn from the whole target.
    /// </summary>
    Failed,

    /// <summary>The route has no engine for this edge's runtime.</summary>
    NoEngineForRuntime,

    /// <summary>
    /// This edge has no memory for it and goes on with the engine it has. That speaks against this edge alone, so that a rollout
    /// goes on for all others; it is tried again.
    /// </summary>
    MemoryExceeded,
}
