namespace Pipeline.Core.Promotions;

/// <summary>Why a promotion waits, and until when.</summary>
public sealed record PromotionHold
{
    public required string Reason { get; init; }

    public required DateTimeOffset Since { get; init; }

    public required DateTimeOffset Deadline { get; init; }
}
