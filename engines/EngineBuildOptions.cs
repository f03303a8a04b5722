using System.Collections.Immutable;
using Pipeline.Core.Policies;

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

    /// <summary>Shapes that the engine is built for, by backends that fix them at build time; others take them all.</summary>
    public ImmutableArray<ShapeProfile> Profiles { get; init; } = [];

    /// <summary>
    /// A file with the tactics that earlier builds of the lane timed: read when it is there, replaced after a build that
    /// succeeds. Backends without one leave it alone.
    /// </summary>
    public string? TimingCachePath { get; init; }

    /// <summary>False keeps the model's graph as it is: for finding out whether an optimization is at fault.</summary>
    public bool Optimize { get; init; } = true;

    public IProgress<EngineBuildProgress>? Progress { get; init; }
}
