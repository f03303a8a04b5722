using System.Collections.Immutable;

namespace Pipeline.Core.Routing;

/// <summary>
/// Which route an edge serves each model by, when its machine runs several targets: an H200 runs what was built for
/// <c>sm_90-h200</c>, and what was built for <c>sm_90</c>. Targets of other architectures are never among them.
/// </summary>
public static class NarrowestRoutes
{
    /// <summary>
    /// One route for each model that has a stable version anywhere: the narrowest whose stable version has an engine for the
    /// runtime. A narrower route counts only once it has a stable engine of its own; where no route has one, the narrowest
    /// tells that it is missing.
    /// </summary>
    /// <param name="narrowestFirst">The newest snapshot of each target that has one.</param>
    public static ImmutableArray<Route> Choose(IEnumerable<RouteSnapshot> narrowestFirst, string runtime)
    {
        var chosen = new Dictionary<string, Route>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (Route route in narrowestFirst.SelectMany(s => s.Routes).Where(r => r.Stable is not null))
        {
            if (!chosen.TryGetValue(route.Model, out Route? narrower)) order.Add(route.Model);
            else if (Runs(narrower, runtime) || !Runs(route, runtime)) continue;
            chosen[route.Model] = route;
        }

        return [.. order.Select(m => chosen[m])];
    }

    private static bool Runs(Route route, string runtime) => route.Stable!.Engines.ContainsKey(runtime);
}
