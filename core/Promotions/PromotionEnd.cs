namespace Pipeline.Core.Promotions;

/// <summary>An end that somebody or something decided, which no lane can tell.</summary>
public sealed record PromotionEnd
{
    /// <summary>Rejected, Failed, Cancelled or Retired.</summary>
    public required PromotionState State { get; init; }

    public required string Reason { get; init; }

    public required string Who { get; init; }

    public required DateTimeOffset At { get; init; }
}
