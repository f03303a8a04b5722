namespace Pipeline.Core.Fleet;

/// <summary>How an edge stands to a version that its route names. Sent by name: add only.</summary>
public enum EdgeEngineStatus
{
    Loading,
    Serving,

    /// <summary>It would not download, verify, load or warm up; the old engine goes on serving.</summary>
    Failed,

    /// <summary>The route has no engine for this edge's runtime.</summary>
    NoEngineForRuntime,
}
