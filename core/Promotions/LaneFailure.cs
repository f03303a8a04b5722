using Pipeline.Core.Builds;

namespace Pipeline.Core.Promotions;

/// <summary>Why a lane has no gated engine.</summary>
public sealed record LaneFailure
{
    public required BuildFailureKind Kind { get; init; }

    /// <summary>One sentence for the person who uploaded the model.</summary>
    public required string Message { get; init; }
}
