namespace Pipeline.Edge.Sources;

/// <summary>Where the signed route snapshot comes from: some blobs in the product, memory in tests.</summary>
internal interface IRouteSource
{
    /// <summary>
    /// Reads one replica of a target's snapshot unless it still has this ETag. Throws when the source cannot be reached or has too many
    /// requests; it does not try again by itself, since the caller comes back.
    /// </summary>
    /// <param name="replica">Which of the blobs that hold the snapshot; 0 is always there.</param>
    Task<RouteReading> ReadAsync(string target, int replica, string? knownETag, CancellationToken cancellationToken);
}
