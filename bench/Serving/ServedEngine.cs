namespace Pipeline.Bench.Serving;

/// <summary>A version of a model on the route of the measured edge.</summary>
internal sealed record ServedEngine(ServedModel Model, string Version, byte[] Engine);
