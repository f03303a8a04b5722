namespace Pipeline.Core.Promotions;

/// <summary>Something the uploader should know that changed nothing, such as a refused upload or a late policy.</summary>
public sealed record PromotionNotice
{
    public required DateTimeOffset At { get; init; }

    public required string Text { get; init; }
}
