namespace Pipeline.Local.Bridge;

/// <summary>A model file as a listing of the models container shows it.</summary>
public sealed record UploadedBlob
{
    /// <summary>Path inside the container.</summary>
    public required string Path { get; init; }

    public required string ETag { get; init; }

    public required long SizeBytes { get; init; }

    public string? ContentType { get; init; }

    public required DateTimeOffset LastModified { get; init; }
}
