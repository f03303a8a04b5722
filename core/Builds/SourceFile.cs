namespace Pipeline.Core.Builds;

/// <summary>One uploaded file as acceptance froze it. Readers send the ETag as If-Match; 412 means overwritten.</summary>
public sealed record SourceFile
{
    /// <summary>Path inside the models container.</summary>
    public required string Path { get; init; }

    public required string ETag { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>SHA-256, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }
}
