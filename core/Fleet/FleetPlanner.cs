using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Fleet;

/// <summary>
/// What follows from the edges that report in: a lane that is new to a version is built for it, and an engine whose edges
/// have another driver is measured again. A changed backend is a new runtime, so a new lane. No route changes by this.
/// </summary>
public static class FleetPlanner
{
    /// <summary>Most undeployed lanes that one plan names: what edges report is not to be believed without bounds.</summary>
    public const int UndeployedMaximum = 16;

    /// <summary>Most drivers of edges that one lane is measured again for.</summary>
    public const int DriversMaximum = 16;

    private const int DriverLengthMaximum = 64;
    private const int WiderTargetsMaximum = 8;

    /// <summary>An older report says nothing about the fleet of now.</summary>
    public static TimeSpan ReportAgeMaximum { get; } = TimeSpan.FromMinutes(10);

    /// <summary>An edge that was silent for longer is gone: a new container often has a new name.</summary>
    public static TimeSpan SilenceMaximum { get; } = TimeSpan.FromDays(1);

    /// <summary>How many edges of each lane reported lately.</summary>
    public static ImmutableSortedDictionary<Lane, int> EdgesByLane(IEnumerable<FleetMember> fleet, DateTimeOffset now) => fleet
        .Where(m => now - m.ReportedAt <= ReportAgeMaximum)
        .SelectMany(LanesOf)
        .GroupBy(lane => lane)
        .ToImmutableSortedDictionary(g => g.Key, g => g.Count());

    /// <summary>The lanes on which a version can be asked to serve: those deployed, and those whose edges reported lately.</summary>
    public static ImmutableSortedSet<Lane> InUse(
        IEnumerable<Lane> deployed, IEnumerable<FleetMember> fleet, DateTimeOffset now) =>
        [.. deployed, .. EdgesByLane(fleet, now).Keys];

    /// <param name="deployed">What there is to build on.</param>
    /// <param name="versions">Every version that is live or on its way.</param>
    /// <param name="routes">Every route of the deployed targets.</param>
    public static FleetPlan Plan(
        IReadOnlyCollection<Lane> deployed, IReadOnlyCollection<FleetMember> fleet, IReadOnlyCollection<FleetVersion> versions,
        IReadOnlyCollection<RouteState> routes, DateTimeOffset now)
    {
        ImmutableSortedDictionary<Lane, int> reported = EdgesByLane(fleet, now);
        Lane[] served = [.. reported.Keys.Intersect(deployed)];
        FleetMember[] recent = [.. fleet.Where(m => now - m.ReportedAt <= ReportAgeMaximum)];
        FleetVersion[] open =
            [.. versions.Where(v => v.Promotion is { End: null, AcceptanceNumber: not null }).OrderBy(v => v.Promotion.AcceptanceNumber)];
        return new FleetPlan
        {
            Added =
            [
                .. from lane in served
                   from version in open
                   where IsMissing(version.Promotion, lane, deployed) && IsWanted(version.Promotion, lane, routes)
                   select new FleetChange
                   {
                       Id = version.Promotion.Id,
                       Lane = lane,
                       Reason = $"Edges run '{lane}', for which '{version.Promotion.Id}' has no engine: it is built and gated there.",
                   },
            ],
            MeasuredAgain =
            [
                .. from lane in served
                   from version in open
                   where IsNamed(RouteOf(version.Promotion, lane, routes), version.Promotion)
                   from record in version.Lanes
                   where record.Lane == lane && NewDrivers(record, recent) is { Length: > 0 }
                   select MeasuredAgainFor(version.Promotion, record, NewDrivers(record, recent)),
            ],
            Undeployed = Undeployed(deployed, fleet, now),
            Gone = [.. fleet.Where(m => now - m.ReportedAt > SilenceMaximum)],
        };
    }

    /// <summary>
    /// The lanes of edges for which nobody builds, at most <see cref="UndeployedMaximum"/>. An edge that also runs a lane that is
    /// deployed gets its engines there: nothing is missing on the narrower one.
    /// </summary>
    public static ImmutableArray<Lane> Undeployed(
        IReadOnlyCollection<Lane> deployed, IReadOnlyCollection<FleetMember> fleet, DateTimeOffset now)
    {
        FleetMember[] recent = [.. fleet.Where(m => now - m.ReportedAt <= ReportAgeMaximum && LaneOf(m) is not null)];
        HashSet<string> served =
            [.. recent.Where(m => LanesOf(m).Any(deployed.Contains)).Select(m => $"{m.Report.Edge}|{m.Report.StartId}")];
        return
        [
            .. recent.Where(m => !served.Contains($"{m.Report.Edge}|{m.Report.StartId}")).Select(m => LaneOf(m)!.Value)
                .Except(deployed).Order().Take(UndeployedMaximum),
        ];
    }

    /// <summary>Queues a lane again for drivers of edges; null when something else happened to it meanwhile.</summary>
    public static LaneRecord? MeasureAgain(LaneRecord current, FleetChange change, DateTimeOffset now) =>
        current.Phase == LanePhase.Passed && current.Attempt == change.Attempt
            ? LaneOutcome.Retry(current, now) with { EdgeDrivers = [.. current.EdgeDrivers.Union(change.Drivers)] }
            : null;

    /// <summary>Why edges of a lane get no engines, for people.</summary>
    public static string DescribeUndeployed(Lane lane) =>
        $"No worker is deployed for '{lane}', which edges run: no engine is built for them.";

    private static bool IsMissing(Promotion promotion, Lane lane, IReadOnlyCollection<Lane> deployed) =>
        !promotion.Lanes.Contains(lane) && PolicyLanes.Choose(promotion.Policy, deployed).Contains(lane);

    // What the target's route names; where nothing serves yet, the newest version that is stable anywhere; and what may
    // follow them, since it could not take their place without an engine for every runtime that serves.
    private static bool IsWanted(Promotion promotion, Lane lane, IReadOnlyCollection<RouteState> routes)
    {
        RouteState? here = RouteOf(promotion, lane, routes);
        if (IsNamed(here, promotion)) return true;
        if (here?.Withdrawn.Any(w => w.Version == promotion.Version) == true) return false;
        long live = routes.Where(r => r.Route.Model == promotion.Model).Max(r => r.Route.Stable?.AcceptanceNumber) ?? 0;
        if (here?.Route.Stable is null && promotion.AcceptanceNumber == live) return true;
        bool onItsWay = promotion.State is PromotionState.Accepted or PromotionState.Building or PromotionState.Gated
            or PromotionState.RollingOut or PromotionState.Held;
        return onItsWay && promotion.AcceptanceNumber > (here?.Route.Stable is null ? live : here.NewestNumber);
    }

    private static RouteState? RouteOf(Promotion promotion, Lane lane, IReadOnlyCollection<RouteState> routes) =>
        routes.FirstOrDefault(r => r.Route.Model == promotion.Model && r.Route.Target == lane.Target);

    private static bool IsNamed(RouteState? state, Promotion promotion) =>
        state?.Route.Stable?.Version == promotion.Version || state?.Route.Candidate?.Version == promotion.Version;

    // Each driver is asked about once: the worker's own may stay another one for ever.
    private static string[] NewDrivers(LaneRecord record, IEnumerable<FleetMember> recent) =>
        record is not { Phase: LanePhase.Passed, Driver: { } measuredWith } || record.EdgeDrivers.Length >= DriversMaximum
            ? []
            :
            [
                .. recent.Where(m => LaneOf(m) == record.Lane).Select(m => m.Report.Driver).OfType<string>()
                    .Where(d => d.Length is > 0 and <= DriverLengthMaximum && d != measuredWith && !record.EdgeDrivers.Contains(d))
                    .Distinct().Order(StringComparer.Ordinal).Take(DriversMaximum),
            ];

    private static FleetChange MeasuredAgainFor(Promotion promotion, LaneRecord record, string[] drivers) => new()
    {
        Id = promotion.Id,
        Lane = record.Lane,
        Attempt = record.Attempt,
        Drivers = [.. drivers],
        Reason = Sentence.Bound(
            $"Edges of '{record.Lane}' have driver {string.Join(", ", drivers)}, and '{promotion.Id}' was measured with "
            + $"{record.Driver}: it is measured again while it serves.", 500),
    };

    /// <summary>The lane that it reports on, and those that it would report on once their targets have routes.</summary>
    private static IEnumerable<Lane> LanesOf(FleetMember member) => member.Report.WiderTargets.Take(WiderTargetsMaximum)
        .Prepend(member.Report.Target).Distinct().Select(t => LaneOn(t, member.Report.Runtime)).OfType<Lane>();

    private static Lane? LaneOf(FleetMember member) => LaneOn(member.Report.Target, member.Report.Runtime);

    private static Lane? LaneOn(string target, string runtime) =>
        Names.IsTarget(target) && Names.IsRuntime(runtime) ? new Lane(target, runtime) : null;
}
