using System.Collections.Immutable;

namespace Pipeline.Core.Gates;

/// <summary>
/// Two engines measured in turns (A B B A ...) on one worker in the same minutes, one entry a shape profile.
/// </summary>
public sealed record PairedEvidence
{
    /// <summary>Digest of the engine that served, side A; the new engine is side B.</summary>
    public required string BaselineDigest { get; init; }

    public required string BaselineVersion { get; init; }

    /// <summary>Confidence of the intervals, 0 to 1.</summary>
    public required double Confidence { get; init; }

    /// <summary>Empty when nothing was measured: the two are the same engine, or there is a <see cref="Fault"/>.</summary>
    public required ImmutableArray<PairedProfile> Profiles { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Why nothing was measured; null otherwise.</summary>
    public BaselineFault? Fault { get; init; }

    /// <summary>What the fault was, one sentence.</summary>
    public string? FaultMessage { get; init; }

    /// <summary>The evidence of a comparison that did not take place.</summary>
    public static PairedEvidence NotMeasured(string baselineDigest, string baselineVersion) => new()
    {
        BaselineDigest = baselineDigest,
        BaselineVersion = baselineVersion,
        Confidence = PairedSampling.Confidence,
        Profiles = [],
        Seconds = 0,
    };
}
