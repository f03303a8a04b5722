using Azure;

namespace Pipeline.Cloud.Routing;

/// <summary>What an edge found when it looked for a snapshot.</summary>
public abstract record SnapshotRead
{
    private SnapshotRead()
    {
    }

    /// <summary>New bytes: a signed envelope, not verified yet.</summary>
    public sealed record Fetched(byte[] Bytes, ETag ETag) : SnapshotRead;

    /// <summary>The blob still is the one with the known ETag.</summary>
    public sealed record NotModified : SnapshotRead;

    /// <summary>The target has no snapshot.</summary>
    public sealed record Absent : SnapshotRead;

    /// <summary>The blob is larger than any snapshot.</summary>
    public sealed record TooLarge(long SizeBytes) : SnapshotRead;
}
