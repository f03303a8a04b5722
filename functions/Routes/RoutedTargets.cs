using System.Collections.Immutable;
using Pipeline.Cloud.Routing;

namespace Pipeline.Functions.Routes;

/// <summary>
/// Every target that can have a route: those that are deployed, and those whose last lane was taken away while their edges
/// still follow what was routed there.
/// </summary>
public sealed class RoutedTargets(DeployedLanes lanes, RouteStore routes, TimeProvider time)
{
    // To find them reads through the whole table, and what is deployed changes only with a restart.
    private static readonly TimeSpan AgeMaximum = TimeSpan.FromMinutes(1);

    private Reading? last;

    /// <summary>By name; at most a minute old.</summary>
    public async Task<ImmutableArray<string>> ListAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (Volatile.Read(ref last) is not { } reading || now - reading.At >= AgeMaximum)
        {
            ImmutableArray<string> found = await routes.ListTargetsAsync(cancellationToken);
            reading = new Reading([.. lanes.Targets.Union(found).Order(StringComparer.Ordinal)], now);
            Volatile.Write(ref last, reading);
        }

        return reading.Targets;
    }

    private sealed record Reading(ImmutableArray<string> Targets, DateTimeOffset At);
}
