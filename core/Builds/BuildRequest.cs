using System.Collections.Immutable;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Builds;

/// <summary>The message on a lane's build queue: everything a worker needs, frozen at acceptance.</summary>
public sealed record BuildRequest
{
    public const int CurrentSchema = 1;

    /// <summary>Bytes of JSON that fit a message: a standard namespace takes 256 KB with all properties.</summary>
    public const int SizeBytesMaximum = 240 * 1024;

    public required int Schema { get; init; }

    public required string Model { get; init; }

    public required string Version { get; init; }

    public required long AcceptanceNumber { get; init; }

    public required Lane Lane { get; init; }

    /// <summary>From 1; a retry counts it up, so that duplicate detection lets it through.</summary>
    public required int Attempt { get; init; }

    public required SourceFile Source { get; init; }

    public ImmutableArray<SourceFile> ExternalData { get; init; } = [];

    public ImmutableArray<SourceFile> Golden { get; init; } = [];

    public required PromotionPolicy Policy { get; init; }

    /// <summary>The engine that serves the lane now, to measure against; null when there is none.</summary>
    public BaselineEngine? Baseline { get; init; }
}
