using Pipeline.Core.Fleet;

namespace Pipeline.Core.Management;

/// <summary>One edge's last report and when the table received it.</summary>
public sealed record FleetMember
{
    public required FleetReport Report { get; init; }

    public required DateTimeOffset ReportedAt { get; init; }
}
