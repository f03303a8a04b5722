using Pipeline.Core.Builds;
using Pipeline.Core.Promotions;

namespace Pipeline.Core.Management;

/// <summary>One lane of a promotion as the management API shows it.</summary>
public sealed record LaneView
{
    public required LaneRecord Record { get; init; }

    /// <summary>The lane's own state in the fold: Building, Gated, RollingOut, Live, Rejected, Failed, ...</summary>
    public required PromotionState State { get; init; }

    public LaneProgress? Progress { get; init; }
}
