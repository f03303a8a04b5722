using Pipeline.Core.Naming;

namespace Pipeline.Core.Signing;

/// <summary>What is signed once an engine's gates have passed: these bytes may serve this version on this lane.</summary>
public sealed record EngineStatement
{
    public required string Model { get; init; }

    public required string Version { get; init; }

    public required Lane Lane { get; init; }

    public required string EngineDigest { get; init; }

    /// <summary>SHA-256 of the report that the gates read.</summary>
    public required string EvidenceDigest { get; init; }
}
