using Pipeline.Core.Routing;

namespace Pipeline.Edge.Loading;

/// <summary>The engine of a model that leaves when another one comes.</summary>
/// <param name="Routed">As the last good version of the model names it, by which it can come back.</param>
internal sealed record ReplacedEngine(string Model, LoadedEngine Engine, RoutedEngine Routed);
