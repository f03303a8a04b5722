namespace Pipeline.Core.Promotions;

/// <summary>Where a version is in its life. Stored and sent by name: add only.</summary>
public enum PromotionState
{
    Accepted,
    Building,
    Gated,
    RollingOut,
    Live,

    /// <summary>Waits for a person, with a reason and a deadline.</summary>
    Held,

    /// <summary>The upload or a gate says that the model is bad.</summary>
    Rejected,

    /// <summary>It could not be built or measured.</summary>
    Failed,
    Cancelled,
    RolledBack,
    Superseded,
    Retired,
}
