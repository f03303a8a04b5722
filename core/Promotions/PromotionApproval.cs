namespace Pipeline.Core.Promotions;

/// <summary>A person's word that traffic may move.</summary>
public sealed record PromotionApproval
{
    public required string Who { get; init; }

    public string? Why { get; init; }

    public required DateTimeOffset At { get; init; }
}
