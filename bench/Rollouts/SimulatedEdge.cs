using System.Collections.Immutable;
using Pipeline.Core.Fleet;
using Pipeline.Core.Management;
using Pipeline.Core.Policies;

namespace Pipeline.Bench.Rollouts;

/// <summary>An edge that counts what the versions' chances give instead of serving, and reports as a real one does.</summary>
internal sealed class SimulatedEdge(string name, string model, string target, CountSampler sampler, params SimulatedVersion[] versions)
{
    private readonly Side[] sides = [.. versions.Select(v => new Side(v))];
    private StepBaseline step = new() { Model = model, Revision = 0 };

    /// <summary>Counts requests that this one of the versions answers.</summary>
    public void Serve(int version, long requests)
    {
        Side side = sides[version];
        long errors = sampler.Binomial(requests, side.Behaviour.ErrorShare);
        side.Requests += requests;
        side.Errors += errors;
        if (requests == 0) return;
        sampler.Multinomial(requests - errors, side.Shares.AsSpan(), side.Latency);
        side.Reported = default;
    }

    /// <summary>Counts what the candidate, the second version, does as the shadow of stable's requests.</summary>
    public void Shadow(ShadowPolicy policy, long stableRequests)
    {
        long compared = sampler.Binomial(stableRequests, policy.SharePercent / 100);
        sides[1].Compared += compared;
        sides[1].Diverged += sampler.Binomial(compared, sides[1].Behaviour.DivergedShare);
    }

    /// <summary>The counts from here on are those of this step.</summary>
    public void Begin(long stepRevision) => step = new StepBaseline
    {
        Model = model,
        Revision = stepRevision,
        Counters = [.. sides.Select(side => side.Count(model))],
    };

    public FleetMember Report(DateTimeOffset now) => new()
    {
        ReportedAt = now,
        Report = new FleetReport
        {
            Edge = name,
            Target = target,
            Runtime = "ort-1.29.0-cpu",
            StartId = "start-1",
            Revision = 1,
            Counters = [.. sides.Select(side => side.Count(model))],
            Steps = [step],
        },
    };

    private sealed class Side(SimulatedVersion behaviour)
    {
        public SimulatedVersion Behaviour { get; } = behaviour;

        public ImmutableArray<double> Shares { get; } = behaviour.LatencyShares();

        public long[] Latency { get; } = new long[LatencyHistogram.BucketCount];

        /// <summary>The latencies as last reported; default when they have changed since.</summary>
        public ImmutableArray<long> Reported { get; set; }

        public long Requests { get; set; }

        public long Errors { get; set; }

        public long Compared { get; set; }

        public long Diverged { get; set; }

        public VersionCounters Count(string model)
        {
            if (Reported.IsDefault) Reported = [.. Latency];
            return new VersionCounters
            {
                Model = model,
                Version = Behaviour.Version,
                Requests = Requests,
                Errors = Errors,
                Latency = Reported,
                Shadow = new ShadowCounters { Compared = Compared, Diverged = Diverged, Errors = 0, Skipped = 0 },
            };
        }
    }
}
