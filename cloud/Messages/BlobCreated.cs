namespace Pipeline.Cloud.Messages;

/// <summary>A blob was written whole.</summary>
public sealed record BlobCreated
{
    public required string Container { get; init; }

    /// <summary>Path inside the container.</summary>
    public required string Path { get; init; }

    /// <summary>Without quotes.</summary>
    public required string ETag { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>The call that wrote it, such as <c>PutBlob</c> or <c>PutBlockList</c>.</summary>
    public required string Api { get; init; }

    public required DateTimeOffset At { get; init; }
}
