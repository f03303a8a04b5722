using Pipeline.Core.Naming;

namespace Pipeline.Core.Builds;

/// <summary>
/// The commit of an engine: created once per engine key with If-None-Match. It names no version, since versions with the
/// same key share the engine.
/// </summary>
public sealed record EngineManifest
{
    public const int CurrentSchema = 1;

    public int Schema { get; init; } = CurrentSchema;

    public required string EngineKey { get; init; }

    /// <summary>SHA-256 of the engine's bytes.</summary>
    public required string EngineDigest { get; init; }

    public required long SizeBytes { get; init; }

    public required Lane Lane { get; init; }

    /// <summary>Identity of the worker that built it.</summary>
    public required string BuiltBy { get; init; }

    public required DateTimeOffset BuiltAt { get; init; }

    public required double BuildSeconds { get; init; }
}
