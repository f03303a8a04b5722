using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Promotions;

/// <summary>The row of the Models table for one version: what was uploaded and what was decided about it as a whole.</summary>
public sealed record Promotion
{
    public const int NoticesMaximum = 20;

    public required string Model { get; init; }

    public required string Version { get; init; }

    /// <summary>The order of versions; null when the upload was refused before it got one.</summary>
    public long? AcceptanceNumber { get; init; }

    /// <summary>When the model blob was created.</summary>
    public required DateTimeOffset UploadedAt { get; init; }

    public DateTimeOffset? AcceptedAt { get; init; }

    /// <summary>model.onnx as frozen at acceptance.</summary>
    public required SourceFile Source { get; init; }

    public ImmutableArray<SourceFile> ExternalData { get; init; } = [];

    public ImmutableArray<SourceFile> Golden { get; init; } = [];

    /// <summary>The policy file that was read, or null when the default holds.</summary>
    public SourceFile? PolicyFile { get; init; }

    public PromotionPolicy Policy { get; init; } = new();

    /// <summary>The lanes this version is built for.</summary>
    public ImmutableArray<Lane> Lanes { get; init; } = [];

    /// <summary>Those of <see cref="Lanes"/> that the fleet added after acceptance: they join, and the quorum leaves them out.</summary>
    public ImmutableArray<Lane> JoinedLanes { get; init; } = [];

    /// <summary>The fold over the lanes as last computed.</summary>
    public required PromotionState State { get; init; }

    /// <summary>Why it is in this state, one sentence.</summary>
    public required string StateReason { get; init; }

    public required DateTimeOffset StateSince { get; init; }

    public PromotionHold? Hold { get; init; }

    public PromotionApproval? Approval { get; init; }

    public PromotionEnd? End { get; init; }

    public ImmutableArray<PromotionNotice> Notices { get; init; } = [];

    /// <summary>ETag of the last upload of other bytes that was refused, so that it is not read through again.</summary>
    public string? RefusedETag { get; init; }

    /// <summary>W3C traceparent of the upload, so that one trace runs from upload to routed.</summary>
    public string? TraceParent { get; init; }

    [JsonIgnore]
    public ModelVersion Id => new(Model, Version);

    /// <summary>With a notice more, the oldest left out where there are too many; the same text is there once.</summary>
    public Promotion WithNotice(string text, DateTimeOffset now) => Notices.Any(n => n.Text == text)
        ? this
        : this with
        {
            Notices = [.. Notices.TakeLast(NoticesMaximum - 1), new PromotionNotice { At = now, Text = text }],
        };
}
