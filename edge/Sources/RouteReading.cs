namespace Pipeline.Edge.Sources;

/// <summary>What the route source answered.</summary>
/// <param name="Blob">The bytes, not yet checked; null when there is nothing new.</param>
/// <param name="ETag">The ETag of the bytes; null when there are none at all.</param>
internal readonly record struct RouteReading(byte[]? Blob, string? ETag)
{
    /// <summary>Nobody has published routes for this target yet, or this replica is gone.</summary>
    public static RouteReading Missing => default;

    public static RouteReading Unchanged(string eTag) => new(null, eTag);
}
