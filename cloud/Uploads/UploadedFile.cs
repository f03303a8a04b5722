namespace Pipeline.Cloud.Uploads;

/// <summary>One file of the models container as it is now.</summary>
public sealed record UploadedFile
{
    /// <summary>Path inside the container.</summary>
    public required string Path { get; init; }

    /// <summary>Without quotes.</summary>
    public required string ETag { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>When the blob was first created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its bytes were last written.</summary>
    public required DateTimeOffset ModifiedAt { get; init; }

    /// <summary>W3C traceparent that the uploader left; null when there is none.</summary>
    public string? TraceParent { get; init; }
}
