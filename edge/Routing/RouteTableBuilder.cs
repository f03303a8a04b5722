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
        var draft = new Draft();
        bool isAwaited = false;
        foreach (Route route in routes.Where(r => options.Serves(r.Model)))
        {
            SwapInPlace? swap = shelf.SwapOf(route.Model);
            ServingVersion? kept = before.Models.TryGetValue(route.Model, out ModelRoute? old) ? old.Stable ?? old.Aside : null;
            ServingVersion? stable = FindStable(route, kept, swap, draft);
            isAwaited |= stable is null && draft.Statuses[^1].Status == EdgeEngineStatus.Loading;
            ServingVersion? candidate = route.Candidate is null
                ? null
                : Find(new(route.Model, route.Target, route.Candidate), draft.Statuses, draft.Candidates);
            models[route.Model] = new ModelRoute(route.Model, stable, candidate, route.CandidateWeight)
            {
                Target = route.Target,
                Swap = stable is null ? swap : null,
                // Also once its engine has left: what takes over from it is still a swap.
                Aside = stable is null && swap is not null ? kept : null,
                StepRevision = route.StepRevision,
                Shadow = candidate is not null && route.Shadow is { } shadow ? new ShadowRoute(candidate, shadow) : null,
            };
        }

        return new RouteTable
        {
            Revisions = revisions,
            Models = models.ToFrozenDictionary(StringComparer.Ordinal),
            Statuses = [.. draft.Statuses],
            Wanted =
            [
                .. draft.Fallbacks,
                .. draft.Stables.Select(w => w with { Replaces = draft.Replaced(w, models.Values) }),
                .. draft.Candidates,
            ],
            Good = [.. draft.Good],
            IsReady = before.IsReady
                || (!isAwaited && (models.Count == 0 || models.Values.Any(m => m.Stable is not null))),
        };
    }

    /// <param name="kept">What served, or stood aside, before.</param>
    /// <param name="swap">What requests of the model wait for; null: nothing.</param>
    private ServingVersion? FindStable(Route route, ServingVersion? kept, SwapInPlace? swap, Draft draft)
    {
        var named = new GoodVersion(route.Model, route.Target, route.Stable!);
        if (Find(named, draft.Statuses, draft.Stables) is { } stable)
        {
            draft.Good.Add(named);
            return stable;
        }

        bool hasEngine = named.Version.Engines.TryGetValue(options.Runtime, out RoutedEngine? next);
        // The old engine ends, or has ended: it comes back when the new one failed in its place, and not before.
        if (swap is { HasFailed: false } && swap.Digest == next?.EngineDigest) return null;
        if (kept is not null && shelf.Find(kept.Engine.Digest) == kept.Engine)
        {
            draft.Statuses.Add(Status(kept.Model, kept.Version, kept.Engine.Digest, EdgeEngineStatus.Serving));
            if (hasEngine && route.Candidate is null && lastGood.Find(route.Model)?.Version.Engines[options.Runtime] is { } last
                && last.EngineDigest == kept.Engine.Digest) draft.Replaceable[next!.EngineDigest] = new(route.Model, kept.Engine, last);
            return kept;
        }

        return FindFallback(route, draft.Statuses[^1]) is { } good ? Find(good, draft.Statuses, draft.Fallbacks) : null;
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
        if (refused is null) wanted.Add(new WantedEngine(engine, version.Profiles) { Batching = version.Batching });
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

    /// <summary>A table as it comes together.</summary>
    private sealed class Draft
    {
        public List<EdgeEngine> Statuses { get; } = [];

        public List<WantedEngine> Fallbacks { get; } = [];

        public List<WantedEngine> Stables { get; } = [];

        public List<WantedEngine> Candidates { get; } = [];

        public List<GoodVersion> Good { get; } = [];

        /// <summary>By the digest of the engine that is to come: what answers its model's users, all of them, until then.</summary>
        public Dictionary<string, ReplacedEngine> Replaceable { get; } = new(StringComparer.Ordinal);

        /// <summary>In whose place an engine may come; null where there is none, or where it serves another model too.</summary>
        public ReplacedEngine? Replaced(WantedEngine wanted, IReadOnlyCollection<ModelRoute> models)
        {
            if (!Replaceable.TryGetValue(wanted.Digest, out ReplacedEngine? old)) return null;
            bool isShared = models.Any(m => m.Candidate?.Engine == old.Engine || (m.Model != old.Model && m.Stable?.Engine == old.Engine))
                || Stables.Concat(Fallbacks).Concat(Candidates).Any(w => w.Digest == old.Engine.Digest);
            return isShared ? null : old;
        }
    }
}
