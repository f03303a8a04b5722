namespace Pipeline.Core.Gates;

/// <summary>Why there is no comparison with the engine that serves.</summary>
public enum BaselineFault
{
    /// <summary>The worker did not compare, although it was asked to.</summary>
    NotMeasured,

    /// <summary>The engine is not in the store any more.</summary>
    Gone,

    /// <summary>The store's bytes are not those that serve.</summary>
    Damaged,

    /// <summary>Both engines do not fit the worker's memory.</summary>
    OutOfMemory,

    /// <summary>It does not load on the worker.</summary>
    DoesNotLoad,

    /// <summary>It does not run the new engine's inputs.</summary>
    DoesNotRun,
}
