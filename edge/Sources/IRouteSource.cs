namespace Pipeline.Edge.Sources;

/// <summary>Where the signed route snapshot comes from: a blob in the product, memory in tests.</summary>
internal interface IRouteSource
{
    /// <summary>Reads the snapshot unless it still has this ETag. Throws when the source cannot be reached.</summary>
    Task<RouteReading> ReadAsync(string? knownETag, CancellationToken cancellationToken);
}
