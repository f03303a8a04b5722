using System.Collections.Immutable;
using Pipeline.Core.Fleet;
using Pipeline.Core.Management;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Rollouts;

/// <summary>
/// What a fleet counted since a step began. Edges report what they counted since their process started; the window is the
/// difference to what they had reported when the step began. A process that started since then counts from 0.
/// </summary>
public static class FleetWindow
{
    // Far above what edges serve, and so low that no sum over a fleet overflows.
    private const long CountMaximum = 1L << 48;

    /// <summary>The counts of stable and candidate on the route's target in the present step; zeros for what is not there.</summary>
    public static (WindowCounters Stable, WindowCounters Candidate) Measure(
        RouteState state, IReadOnlyList<FleetMember> fleet) =>
        (Measure(state, fleet, state.Route.Stable?.Version), Measure(state, fleet, state.Route.Candidate?.Version));

    /// <summary>What the edges have counted for these versions by now: the baseline of a step that begins.</summary>
    public static ImmutableArray<CounterBaseline> Baseline(
        IReadOnlyList<FleetMember> fleet, string model, IReadOnlyCollection<string> versions) =>
    [
        .. from member in fleet
           from counters in member.Report.Counters
           where counters.Model == model && versions.Contains(counters.Version)
           select new CounterBaseline { Edge = member.Report.Edge, StartId = member.Report.StartId, Counters = counters },
    ];

    private static WindowCounters Measure(RouteState state, IReadOnlyList<FleetMember> fleet, string? version)
    {
        long requests = 0;
        long errors = 0;
        long[] latency = new long[LatencyHistogram.BucketCount];
        foreach (FleetReport report in fleet.Select(m => m.Report).Where(r => r.Target == state.Route.Target))
        {
            foreach (VersionCounters now in report.Counters)
            {
                if (version is null || now.Model != state.Route.Model || now.Version != version) continue;
                VersionCounters? before = state.Rollout?.Baseline.FirstOrDefault(b =>
                    b.Edge == report.Edge && b.StartId == report.StartId
                    && b.Counters.Model == now.Model && b.Counters.Version == now.Version)?.Counters;
                long counted = Since(now.Requests, before?.Requests ?? 0);
                requests += counted;
                errors += Math.Min(counted, Since(now.Errors, before?.Errors ?? 0));
                for (int bucket = 0; bucket < latency.Length; bucket++)
                {
                    latency[bucket] += Since(At(now, bucket), before is null ? 0 : At(before, bucket));
                }
            }
        }

        return new WindowCounters { Requests = requests, Errors = errors, Latency = [.. latency] };
    }

    private static long Since(long now, long before) =>
        Math.Clamp(Math.Clamp(now, 0, CountMaximum) - Math.Clamp(before, 0, CountMaximum), 0, CountMaximum);

    private static long At(VersionCounters counters, int bucket) =>
        !counters.Latency.IsDefault && counters.Latency.Length == LatencyHistogram.BucketCount ? counters.Latency[bucket] : 0;
}
