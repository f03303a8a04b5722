using Pipeline.Core.Rollouts;

namespace Pipeline.Bench.Rollouts;

/// <summary>How one simulated rollout ended.</summary>
/// <param name="End">Promote, Withdraw or Hold.</param>
/// <param name="Reason">The sentence that the decision gave.</param>
/// <param name="After">Time from the candidate's first step.</param>
/// <param name="Requests">All requests of all users until then.</param>
/// <param name="Candidate">Those that the candidate answered.</param>
internal sealed record RolloutRun(RolloutAction End, string Reason, TimeSpan After, long Requests, long Candidate);
