using System.Collections.Immutable;
using Pipeline.Core.Management;
using Pipeline.Core.Policies;
using Pipeline.Core.Rollouts;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;

namespace Pipeline.Bench.Rollouts;

/// <summary>
/// A rollout in virtual time: the traffic and the edges are simulated, what is decided on their reports is the code that decides
/// in the functions.
/// </summary>
internal sealed record SimulatedRollout
{
    private const string Model = "ocr-rec";
    private const string Target = "cpu-x64-avx2";
    private const int Edges = 3;

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public required RolloutPolicy Policy { get; init; }

    public required double RequestsPerSecond { get; init; }

    /// <summary>Time between two looks.</summary>
    public required TimeSpan Tick { get; init; }

    public SimulatedVersion Stable { get; init; } = new() { Version = "1" };

    public SimulatedVersion Candidate { get; init; } = new() { Version = "2" };

    /// <summary>Runs until the candidate is stable, gone or held. The same seed gives the same run.</summary>
    public RolloutRun Run(int seed)
    {
        var sampler = new CountSampler(seed);
        SimulatedEdge[] edges =
            [.. Enumerable.Range(0, Edges).Select(i => new SimulatedEdge($"edge-{i}", Model, Target, sampler, Stable, Candidate))];
        DateTimeOffset now = Start;
        long revision = 2;
        RouteState state = Introduce(Introduce(null, Stable, now), Candidate, now);
        foreach (SimulatedEdge edge in edges) edge.Begin(state.Route.StepRevision);
        long requests = 0, candidate = 0;
        while (true)
        {
            now += Tick;
            foreach (SimulatedEdge edge in edges)
            {
                long came = sampler.Poisson(RequestsPerSecond * Tick.TotalSeconds / Edges);
                long taken = sampler.Binomial(came, (double)state.Route.CandidateWeight / StickySplit.Buckets);
                edge.Serve(0, came - taken);
                edge.Serve(1, taken);
                if (state.Route.Shadow is { } shadow) edge.Shadow(shadow, came - taken);
                requests += came;
                candidate += taken;
            }

            FleetMember[] fleet = [.. edges.Select(e => e.Report(now))];
            RolloutDecision decision = RolloutAnalysis.Decide(state, fleet, now);
            if (decision.Action == RolloutAction.Wait) continue;
            state = After(RoutePlanner.Apply(state, revision++, decision, "pipeline", now));
            foreach (SimulatedEdge edge in edges) edge.Begin(state.Route.StepRevision);
            if (state.Rollout is not { PausedBecause: null })
                return new RolloutRun(decision.Action, decision.Reason, now - Start, requests, candidate);
        }
    }

    private RouteState Introduce(RouteState? state, SimulatedVersion version, DateTimeOffset now)
    {
        var engine = new RoutedEngine
        {
            EngineKey = version.Version,
            EngineDigest = version.Version,
            SizeBytes = 1,
            Statement = new SignedEnvelope { PayloadType = "", Payload = "", Signatures = [] },
        };
        var routed = new RoutedVersion
        {
            Version = version.Version,
            AcceptanceNumber = state is null ? 1 : 2,
            Engines = ImmutableSortedDictionary.Create<string, RoutedEngine>(StringComparer.Ordinal).Add("ort-1.29.0-cpu", engine),
        };
        return After(RoutePlanner.Introduce(state, state is null ? 0 : 1, Model, Target, routed, Policy, byPerson: false, "pipeline", now));
    }

    private static RouteState After(RouteOutcome outcome) => ((RouteOutcome.Changed)outcome).Change.After;
}
