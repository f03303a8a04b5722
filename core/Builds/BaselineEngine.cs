namespace Pipeline.Core.Builds;

/// <summary>The engine that served a lane when a build was asked for: what the new one is measured against.</summary>
public sealed record BaselineEngine
{
    public required string Version { get; init; }

    public required string EngineKey { get; init; }

    public required string EngineDigest { get; init; }

    public required long SizeBytes { get; init; }
}
