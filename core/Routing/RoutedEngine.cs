using Pipeline.Core.Signing;

namespace Pipeline.Core.Routing;

/// <summary>One engine that a route names, with the signed statement that its gates have passed.</summary>
public sealed record RoutedEngine
{
    public required string EngineKey { get; init; }

    public required string EngineDigest { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>Envelope of an <see cref="EngineStatement"/>.</summary>
    public required SignedEnvelope Statement { get; init; }
}
