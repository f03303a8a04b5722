using Pipeline.Core.Gates;

namespace Pipeline.Bench.Gating;

/// <summary>One decision of the gate on two engines that were loaded for it.</summary>
internal sealed record GateTrial(Verdict Verdict, double Seconds, PairedProfile Pair);
