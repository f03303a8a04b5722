using Pipeline.Core.Routing;

namespace Pipeline.Edge.Loading;

/// <summary>What a model serves with as its newest route says.</summary>
/// <param name="Target">Whose route: the engine's lane is of that target.</param>
internal sealed record GoodVersion(string Model, string Target, RoutedVersion Version);
