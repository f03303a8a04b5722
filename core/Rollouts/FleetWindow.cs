using System.Runtime.InteropServices;
using Pipeline.Core.Fleet;
using Pipeline.Core.Management;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Rollouts;

/// <summary>
/// What a fleet counted since a step began. Edges report what they counted since their process started, and what that was when
/// they saw the step begin; the window is the difference. An edge that has not seen the step counts nothing.
/// </summary>
public static class FleetWindow
{
    // Far above what edges serve, and so low that no sum over a fleet overflows.
    private const long CountMaximum = 1L << 48;

    /// <summary>The counts of stable and candidate on the route's target in the present step; zeros for what is not there.</summary>
    public static (WindowCounters Stable, WindowCounters Candidate) Measure(
        RouteState state, IReadOnlyList<FleetMember> fleet) =>
        (Measure(state, fleet, state.Route.Stable?.Version), Measure(state, fleet, state.Route.Candidate?.Version));

    private static WindowCounters Measure(RouteState state, IReadOnlyList<FleetMember> fleet, string? version)
    {
        long requests = 0, errors = 0, compared = 0, diverged = 0;
        long[] latency = new long[LatencyHistogram.BucketCount];
        foreach (FleetReport report in fleet.Select(m => m.Report).Where(r => r.Target == state.Route.Target))
        {
            StepBaseline? step = report.Steps.FirstOrDefault(
                s => s.Model == state.Route.Model && s.Revision == state.Route.StepRevision);
            if (step is null) continue;
            VersionCounters? before = step.Counters.FirstOrDefault(c => c.Model == state.Route.Model && c.Version == version);
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
