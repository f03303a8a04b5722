using System.Collections.Immutable;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Builds;

/// <summary>Everything that an engine is asked to be. The driver is not among it: it is metadata, a minimum.</summary>
public sealed record EngineKeyInputs
{
    public required string SourceSha256 { get; init; }

    /// <summary>Digests of external tensor files by their location in the model.</summary>
    public ImmutableSortedDictionary<string, string> ExternalData { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Name and version of what rewrites the model before the build; <c>none</c> when nothing does.</summary>
    public string Conversion { get; init; } = "none";

    public required Lane Lane { get; init; }

    /// <summary>CUDA runtime version, or null on lanes without CUDA.</summary>
    public string? CudaRuntime { get; init; }

    /// <summary>Digests of plugin libraries.</summary>
    public ImmutableArray<string> Plugins { get; init; } = [];

    public required string Precision { get; init; }

    public ImmutableArray<ShapeProfile> Profiles { get; init; } = [];

    /// <summary>Build options by name.</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}
