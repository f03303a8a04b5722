using Pipeline.Core.Routing;

namespace Pipeline.Edge.Sources;

/// <summary>Where engine files come from: a blob container in the product, memory in tests.</summary>
internal interface IEngineSource
{
    /// <summary>
    /// Downloads an engine to a new file. What arrives is not trusted: the caller checks its digest. Throws when the
    /// source cannot be reached or has no such engine.
    /// </summary>
    Task DownloadAsync(RoutedEngine engine, string path, CancellationToken cancellationToken);
}
