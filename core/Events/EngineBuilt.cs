using Pipeline.Core.Naming;

namespace Pipeline.Core.Events;

/// <summary>A worker stored an engine and its report.</summary>
public sealed record EngineBuilt
{
    public const int CurrentSchema = 1;

    public required int Schema { get; init; }

    public required string Model { get; init; }

    public required string Version { get; init; }

    public required long AcceptanceNumber { get; init; }

    public required Lane Lane { get; init; }

    public required int Attempt { get; init; }

    public required string EngineKey { get; init; }

    public required string EngineDigest { get; init; }

    /// <summary>SHA-256 of the report blob's bytes.</summary>
    public required string ReportSha256 { get; init; }
}
