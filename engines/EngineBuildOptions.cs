using System.Collections.Immutable;

namespace Pipeline.Engines;

/// <summary>What to build and where to put it.</summary>
public sealed record EngineBuildOptions
{
    public required string ModelPath { get; init; }

    /// <summary>
    /// Every external tensor file, by the location that the model gives, relative to the model's folder. They become
    /// part of the engine; one that is not named here is not found when the engine is loaded.
    /// </summary>
    public ImmutableArray<string> ExternalData { get; init; } = [];

    /// <summary>Where the engine goes; replaced when it exists. Its folder must exist.</summary>
    public required string EnginePath { get; init; }

    /// <summary>False keeps the model's graph as it is: for finding out whether an optimization is at fault.</summary>
    public bool Optimize { get; init; } = true;

    public IProgress<EngineBuildProgress>? Progress { get; init; }
}
