using System.Collections.Immutable;
using Pipeline.Core.Builds;

namespace Pipeline.Engines;

/// <summary>
/// A backend's refusal or failure. The message is a sentence for the person who uploaded or operates.
/// </summary>
public sealed class EngineException(EngineErrorKind kind, string message, Exception? cause = null)
    : Exception(message, cause)
{
    public EngineErrorKind Kind { get; } = kind;

    /// <summary>The operator that the backend lacks, for <see cref="EngineErrorKind.UnsupportedOperator"/>.</summary>
    public string? Operator { get; init; }

    /// <summary>What the runtime logged before a build failed, bounded; empty where it keeps none.</summary>
    public ImmutableArray<string> Log { get; init; } = [];

    /// <summary>The kind as the pipeline's events and reports name it.</summary>
    public BuildFailureKind FailureKind => Kind switch
    {
        EngineErrorKind.UnsupportedOperator => BuildFailureKind.UnsupportedOperator,
        EngineErrorKind.LoadFailed or EngineErrorKind.OtherVersion or EngineErrorKind.OtherDevice => BuildFailureKind.LoadFailed,
        EngineErrorKind.OutOfMemory => BuildFailureKind.OutOfMemory,
        EngineErrorKind.GoldenMismatch => BuildFailureKind.GoldenMismatch,
        EngineErrorKind.ProfileFailed => BuildFailureKind.ProfileFailed,
        EngineErrorKind.LibraryMissing or EngineErrorKind.LibraryIncompatible or EngineErrorKind.ProviderUnavailable =>
            BuildFailureKind.WrongLane,
        _ => BuildFailureKind.BuildFailed,
    };
}
