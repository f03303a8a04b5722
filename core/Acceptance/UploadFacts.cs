using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Acceptance;

/// <summary>An upload as it was found in the models container, read through before anything is decided.</summary>
public sealed record UploadFacts
{
    public required ModelVersion Id { get; init; }

    /// <summary>model.onnx.</summary>
    public required SourceFile Source { get; init; }

    public required DateTimeOffset UploadedAt { get; init; }

    /// <summary>The external tensor files that the model names and that are there.</summary>
    public ImmutableArray<SourceFile> ExternalData { get; init; } = [];

    public ImmutableArray<SourceFile> Golden { get; init; } = [];

    /// <summary>The version's own promotion.json, or the model's; null when there is neither.</summary>
    public SourceFile? PolicyFile { get; init; }

    /// <summary>What <see cref="PolicyFile"/> says; null without one.</summary>
    public PolicyReading? Policy { get; init; }

    /// <summary>Why the model cannot be accepted, one sentence; null when its inspection found nothing wrong.</summary>
    public string? ModelFault { get; init; }

    /// <summary>Locations of external tensor files that the model names and that are not there.</summary>
    public ImmutableArray<string> MissingExternalData { get; init; } = [];

    /// <summary>W3C traceparent of the upload.</summary>
    public string? TraceParent { get; init; }
}
