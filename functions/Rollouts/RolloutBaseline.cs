using System.Collections.Immutable;
using Pipeline.Core.Rollouts;
using Pipeline.Core.Routing;
using Pipeline.Functions.Routes;

namespace Pipeline.Functions.Rollouts;

/// <summary>The counters that the next step's window starts from.</summary>
internal static class RolloutBaseline
{
    public static ImmutableArray<CounterBaseline> Of(RouteFacts facts, string? alsoVersion = null)
    {
        Route? route = facts.Current?.Route;
        string[] versions =
            [.. new[] { route?.Stable?.Version, route?.Candidate?.Version, alsoVersion }.OfType<string>().Distinct()];
        return route is null ? [] : FleetWindow.Baseline(facts.Fleet, route.Model, versions);
    }
}
