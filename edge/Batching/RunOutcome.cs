namespace Pipeline.Edge.Batching;

/// <summary>How a request to run ended.</summary>
internal enum RunOutcome
{
    /// <summary>The outputs are there.</summary>
    Answered,

    /// <summary>The engine failed on it, also when it ran alone.</summary>
    Failed,

    /// <summary>Its time was over before it ran.</summary>
    TimeOver,

    /// <summary>Its sender went away before it ran.</summary>
    ClientGone,
}
