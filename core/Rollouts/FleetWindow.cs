using System.Collections.Immutable;
using System.Runtime.InteropServices;
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
        Dictionary<(string, string), VersionCounters> baseline = [];
        foreach (CounterBaseline before in state.Rollout?.Baseline ?? [])
        {
            if (before.Counters.Model == state.Route.Model && before.Counters.Version == version)
                baseline.TryAdd((before.Edge, before.StartId), before.Counters);
        }

        long requests = 0, errors = 0, compared = 0, diverged = 0;
        long[] latency = new long[LatencyHistogram.BucketCount];
        foreach (FleetReport report in fleet.Select(m => m.Report).Where(r => r.Target == state.Route.Target))
        {
            VersionCounters? before = baseline.GetValueOrDefault((report.Edge, report.StartId));
            foreach (VersionCounters now in report.Counters)
            {
                if (version is null || now.Model != state.Route.Model || now.Version != version) continue;
                long counted = Since(now.Requests, before?.Requests);
                requests += counted;
                errors += Math.Min(counted, Since(now.Errors, before?.Errors));
                // A run that failed gave no answer, and that is not the answer that stable gave.
                long failed = Since(now.Shadow?.Errors, before?.Shadow?.Errors);
                long shadowed = Since(now.Shadow?.Compared, before?.Shadow?.Compared) + failed;
                compared += shadowed;
                diverged += Math.Min(shadowed, Since(now.Shadow?.Diverged, before?.Shadow?.Diverged) + failed);
                ReadOnlySpan<long> counts = BucketsOf(now);
                ReadOnlySpan<long> countsBefore = BucketsOf(before);
                for (int bucket = 0; bucket < counts.Length; bucket++)
                {
                    if (counts[bucket] <= 0) continue;
                    latency[bucket] += Since(counts[bucket], countsBefore.IsEmpty ? 0 : countsBefore[bucket]);
                }
            }
        }

        return new WindowCounters
        {
            Requests = requests,
            Errors = errors,
            Latency = ImmutableCollectionsMarshal.AsImmutableArray(latency),
            ShadowCompared = compared,
            ShadowDiverged = diverged,
        };
    }

    private static long Since(long? now, long? before) =>
        Math.Max(0, Math.Clamp(now ?? 0, 0, CountMaximum) - Math.Clamp(before ?? 0, 0, CountMaximum));

    // Counts by other buckets than ours cannot be added to ours.
    private static ReadOnlySpan<long> BucketsOf(VersionCounters? counters) =>
        counters is { Latency: { IsDefault: false, Length: var length } latency } && length == LatencyHistogram.BucketCount
            ? latency.AsSpan()
            : [];
}
