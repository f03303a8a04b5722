using Pipeline.Core.Json;
using Pipeline.Core.Naming;
using Pipeline.Core.Signing;

namespace Pipeline.Core.Routing;

/// <summary>Whether the signed statement of an engine allows it to serve one version on one lane.</summary>
public static class EngineCheck
{
    /// <summary>Null when the statement names exactly these; else the fault as a sentence.</summary>
    public static string? Verify(RoutedEngine engine, TrustedKeys keys, string model, string version, Lane lane)
    {
        if (keys.Open(engine.Statement, SignedEnvelope.EngineStatementType, out string? fault) is not { } payload) return fault;
        if (PipelineJson.TryRead<EngineStatement>(payload, out fault) is not { } statement) return fault;
        (string What, string Said, string Wanted)[] parts =
        [
            ("model", statement.Model, model),
            ("version", statement.Version, version),
            ("lane", statement.Lane.ToString(), lane.ToString()),
            ("engine", statement.EngineDigest, engine.EngineDigest),
        ];
        string[] others = [.. parts.Where(p => p.Said != p.Wanted).Select(p => $"{p.What} '{p.Said}', not '{p.Wanted}'")];
        return others.Length == 0 ? null : $"The engine's statement is for {string.Join(" and ", others)}.";
    }
}
