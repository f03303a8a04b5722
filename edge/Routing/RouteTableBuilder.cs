using System.Collections.Frozen;
using Pipeline.Core.Fleet;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Measuring;
using Pipeline.Edge.Shadowing;
using Route = Pipeline.Core.Routing.Route;

namespace Pipeline.Edge.Routing;

/// <summary>
/// Makes the table that fits the newest snapshot and the engines in memory. A version whose engine is not there, or not
/// allowed, changes nothing: the old stable goes on, after a restart the last good one, and a candidate stays away.
/// </summary>
internal sealed class RouteTableBuilder(
    EngineShelf shelf, LastGoodEngines lastGood, TrustedKeys keys, EdgeOptions options, StatisticsBook statistics)
{
    public RouteTable Build(RouteSnapshot snapshot, RouteTable before)
    {
        var models = new Dictionary<string, ModelRoute>(StringComparer.Ordinal);
        var statuses = new List<EdgeEngine>();
        var fallbacks = new List<WantedEngine>();
        var stables = new List<WantedEngine>();
        var candidates = new List<WantedEngine>();
        var good = new List<(string, RoutedVersion)>();
        foreach (Route route in snapshot.Routes.Where(r => r.Stable is not null && options.Serves(r.Model)))
        {
            ServingVersion? stable = Find(route.Model, route.Stable!, statuses, stables);
            if (stable is not null)
            {
                good.Add((route.Model, route.Stable!));
            }
            else if (before.Models.TryGetValue(route.Model, out ModelRoute? old) && old.Stable is { } kept)
            {
                stable = kept;
                statuses.Add(Status(kept.Model, kept.Version, kept.Engine.Digest, EdgeEngineStatus.Serving));
            }
            else if (FindFallback(route, statuses[^1]) is { } last)
            {
                stable = Find(route.Model, last, statuses, fallbacks);
            }

            ServingVersion? candidate =
                route.Candidate is null ? null : Find(route.Model, route.Candidate, statuses, candidates);
            models[route.Model] = new ModelRoute(route.Model, stable, candidate, route.CandidateWeight)
            {
                StepRevision = route.StepRevision,
                Shadow = candidate is not null && route.Shadow is { } shadow ? new ShadowRoute(candidate, shadow) : null,
            };
        }

        return new RouteTable
        {
            Revision = snapshot.Revision,
            Models = models.ToFrozenDictionary(StringComparer.Ordinal),
            Statuses = [.. statuses],
            Wanted = [.. fallbacks, .. stables, .. candidates],
            Good = [.. good],
        };
    }

    /// <summary>
    /// What may serve while the route's own stable version does not: when that failed, or has to be fetched first.
    /// </summary>
    private RoutedVersion? FindFallback(Route route, EdgeEngine stable)
    {
        if (lastGood.Find(route.Model) is not { } last) return null;
        RoutedEngine engine = last.Engines[options.Runtime];
        if (last.Version == stable.Version && engine.EngineDigest == stable.EngineDigest) return null;
        bool helps = stable.Status != EdgeEngineStatus.Loading
            || shelf.LeavesTimeFor(route.Stable!.Engines[options.Runtime], engine);
        return helps ? last : null;
    }

    private ServingVersion? Find(
        string model, RoutedVersion version, List<EdgeEngine> statuses, List<WantedEngine> wanted)
    {
        if (!version.Engines.TryGetValue(options.Runtime, out RoutedEngine? engine))
        {
            string missing = $"The route has no engine for runtime '{options.Runtime}'.";
            statuses.Add(Status(model, version.Version, null, EdgeEngineStatus.NoEngineForRuntime, missing));
            return null;
        }

        string? refused = EngineCheck.Verify(engine, keys, model, version.Version, options.Lane);
        LoadedEngine? loaded = refused is null ? shelf.Find(engine.EngineDigest) : null;
        EngineFault? fault = refused is null
            ? shelf.FaultOf(engine.EngineDigest)
            : new EngineFault(EngineFaultKind.StatementRefused, refused);
        EdgeEngineStatus status = loaded is not null ? EdgeEngineStatus.Serving
            : fault is not null ? EdgeEngineStatus.Failed : EdgeEngineStatus.Loading;
        string? reason = loaded is null ? fault?.ToString() : null;
        statuses.Add(Status(model, version.Version, engine.EngineDigest, status, reason));
        if (refused is null) wanted.Add(new WantedEngine(engine, version.Profiles, version.Batching));
        if (loaded is null) return null;
        loaded.Scheduler.Follow(version.Profiles, version.Batching);
        return new ServingVersion
        {
            Model = model,
            Version = version.Version,
            Engine = loaded,
            Profiles = version.Profiles,
            Statistics = statistics.Of(model, version.Version),
        };
    }

    private static EdgeEngine Status(
        string model, string version, string? digest, EdgeEngineStatus status, string? reason = null) =>
        new() { Model = model, Version = version, EngineDigest = digest, Status = status, Reason = reason };
}
