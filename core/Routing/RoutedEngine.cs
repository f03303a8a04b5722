using Pipeline.Core.Signing;

namespace Pipeline.Core.Routing;

/// <summary>One engine that a route names, with the signed statement that its gates have passed.</summary>
public sealed record RoutedEngine
{
    /// <summary>No device has more; a figure above it is a mistake.</summary>
    public const long DeviceMemoryBytesMaximum = 1L << 48;

    public required string EngineKey { get; init; }

    public required string EngineDigest { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>
    /// Device memory that it was measured to take, with one context of its largest profile, in bytes; null on processors, and
    /// where nobody measured it: whoever loads it estimates.
    /// </summary>
    public long? DeviceMemoryBytes { get; init; }

    /// <summary>Envelope of an <see cref="EngineStatement"/>.</summary>
    public required SignedEnvelope Statement { get; init; }
}
