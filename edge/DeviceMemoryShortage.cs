namespace Pipeline.Edge;

/// <summary>What happens when a new engine does not fit into the device's memory beside those that serve.</summary>
public enum DeviceMemoryShortage
{
    /// <summary>The old engine goes on, and the edge reports that it has no memory for the new one.</summary>
    Refuse,

    /// <summary>
    /// The old engine is drained and freed, then the new one is loaded; requests wait meanwhile. Only for a version that takes all
    /// users over: a candidate with a share of them needs room for both.
    /// </summary>
    Drain,
}
