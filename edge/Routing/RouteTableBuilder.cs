using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Pipeline.Core.Fleet;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;
using Pipeline.Edge.Batching;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Measuring;
using Pipeline.Edge.Shadowing;
using Route = Pipeline.Core.Routing.Route;

namespace Pipeline.Edge.Routing;

/// <summary>
/// Makes the table that fits the newest routes and the engines in memory. A version whose engine is not there, or not
/// allowed, changes nothing: the old stable goes on, after a restart the last good one, and a candidate stays away.
/// </summary>
internal sealed class RouteTableBuilder(
    EngineShelf shelf, LastGoodEngines lastGood, TrustedKeys keys, EdgeOptions options, StatisticsBook statistics)
{
    // A table that is built again of the same snapshot keeps its plans: requests of different plans do not share runs.
    private readonly ConditionalWeakTable<RoutedVersion, BatchPlan> plans = [];

    /// <param name="routes">One for each model.</param>
    /// <param name="revisions">Of the snapshots that they come from.</param>
    public RouteTable Build(
        ImmutableArray<Route> routes, ImmutableSortedDictionary<string, long> revisions, RouteTable before)
    {
        var models = new Dictionary<string, ModelRoute>(StringComparer.Ordinal);
        var statuses = new List<EdgeEngine>();
        var fallbacks = new List<WantedEngine>();
        var stables = new List<WantedEngine>();
        var candidates = new List<WantedEngine>();
        var good = new List<GoodVersion>();
        bool isAwaited = false;
        foreach (Route route in routes.Where(r => options.Serves(r.Model)))
        {
            ServingVersion? stable = Find(new(route.Model, route.Target, route.Stable!), statuses, stables);
            if (stable is not null)
            {
                good.Add(new(route.Model, route.Target, route.Stable!));
            }
            else if (before.Models.TryGetValue(route.Model, out ModelRoute? old) && old.Stable is { } kept)
            {
                stable = kept;
                statuses.Add(Status(kept.Model, kept.Version, kept.Engine.Digest, EdgeEngineStatus.Serving));
            }
            else if (FindFallback(route, statuses[^1]) is { } last)
            {
                stable = Find(last, statuses, fallbacks);
            }

            isAwaited |= stable is null && statuses[^1].Status == EdgeEngineStatus.Loading;
            ServingVersion? candidate =
                route.Candidate is null ? null : Find(new(route.Model, route.Target, route.Candidate), statuses, candidates);
            models[route.Model] = new ModelRoute(route.Model, stable, candidate, route.CandidateWeight)
            {
                Target = route.Target,
                StepRevision = route.StepRevision,
                Shadow = candidate is not null && route.Shadow is { } shadow ? new ShadowRoute(candidate, shadow) : null,
            };
        }

        return new RouteTable
        {
            Revisions = revisions,
            Models = models.ToFrozenDictionary(StringComparer.Ordinal),
            Statuses = [.. statuses],
            Wanted = [.. fallbacks, .. stables, .. candidates],
            Good = [.. good],
            IsReady = before.IsReady
                || (!isAwaited && (models.Count == 0 || models.Values.Any(m => m.Stable is not null))),
        };
    }

    /// <summary>
    /// What may serve while the route's own stable version does not: when that failed, or has to be fetched first.
    /// </summary>
    private GoodVersion? FindFallback(Route route, EdgeEngine stable)
    {
        if (lastGood.Find(route.Model) is not { } last) return null;
        RoutedEngine engine = last.Version.Engines[options.Runtime];
        if (last.Version.Version == stable.Version && engine.EngineDigest == stable.EngineDigest) return null;
        bool helps = stable.Reason is not null
            || shelf.LeavesTimeFor(route.Stable!.Engines[options.Runtime], engine);
        return helps ? last : null;
    }

    private ServingVersion? Find(GoodVersion named, List<EdgeEngine> statuses, List<WantedEngine> wanted)
    {
        (string model, string target, RoutedVersion version) = named;
        if (!version.Engines.TryGetValue(options.Runtime, out RoutedEngine? engine))
        {
            string missing = $"The route has no engine for runtime '{options.Runtime}'.";
            statuses.Add(Status(model, version.Version, null, EdgeEngineStatus.NoEngineForRuntime, missing));
            return null;
        }

        string? refused = EngineCheck.Verify(engine, keys, model, version.Version, options.LaneOn(target));
        LoadedEngine? loaded = refused is null ? shelf.Find(engine.EngineDigest) : null;
        EngineFault? fault = refused is null
            ? shelf.FaultOf(engine.EngineDigest)
            : new EngineFault(EngineFaultKind.StatementRefused, refused);
        EdgeEngineStatus status = loaded is not null ? EdgeEngineStatus.Serving : StatusOf(fault);
        string? reason = loaded is null ? fault?.ToString() : null;
        statuses.Add(Status(model, version.Version, engine.EngineDigest, status, reason));
        if (refused is null) wanted.Add(new WantedEngine(engine, version.Profiles));
        if (loaded is null) return null;
        return new ServingVersion
        {
            Model = model,
            Version = version.Version,
            Engine = loaded,
            Plan = plans.GetValue(version, v => loaded.Scheduler.PlanFor(v.Profiles, v.Batching)),
            Statistics = statistics.Of(model, version.Version),
        };
    }

    private static EdgeEngineStatus StatusOf(EngineFault? fault) => fault switch
    {
        { Kind: EngineFaultKind.MemoryExceeded } => EdgeEngineStatus.MemoryExceeded,
        null or { IsOfTheEdge: true } => EdgeEngineStatus.Loading,
        _ => EdgeEngineStatus.Failed,
    };

    private static EdgeEngine Status(
        string model, string version, string? digest, EdgeEngineStatus status, string? reason = null) =>
        new() { Model = model, Version = version, EngineDigest = digest, Status = status, Reason = reason };
}
