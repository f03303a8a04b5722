using System.Collections.Immutable;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Management;

/// <summary>Answer of GET /api/routes/{target}/history, newest first.</summary>
public sealed record HistoryList
{
    public required ImmutableArray<RouteHistoryEntry> Entries { get; init; }
}
