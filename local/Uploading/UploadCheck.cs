using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Pipeline.Onnx.Inspection;

namespace Pipeline.Local.Uploading;

/// <summary>What is known about an upload before it is made: facts, and everything that would be refused.</summary>
public sealed record UploadCheck
{
    public required string File { get; init; }

    public string? Sha256 { get; init; }

    public long SizeBytes { get; init; }

    public OnnxModelInfo? Model { get; init; }

    /// <summary>One sentence each, beginning with the file that it is about.</summary>
    public required ImmutableArray<string> Errors { get; init; }

    /// <summary>What could not be checked here, one sentence each.</summary>
    public required ImmutableArray<string> Notes { get; init; }

    [JsonIgnore]
    public bool IsSound => Errors.IsEmpty;
}
