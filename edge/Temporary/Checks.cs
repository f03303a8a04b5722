using Pipeline.Core.Json;
using Pipeline.Core.Naming;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Signing;

internal sealed record SnapshotReading(RouteSnapshot? Snapshot, string? Fault);
internal static class SnapshotCheck
{
    public static SnapshotReading Read(byte[] blob, TrustedKeys keys, string target, long lowestRevision)
    {
        SignedEnvelope? envelope = PipelineJson.TryRead<SignedEnvelope>(blob, out string? fault);
        if (envelope is null) return new(null, fault);
        byte[]? payload = keys.Open(envelope, SignedEnvelope.RouteSnapshotType, out fault);
        if (payload is null) return new(null, fault);
        RouteSnapshot? snapshot = PipelineJson.TryRead<RouteSnapshot>(payload, out fault);
        if (snapshot is null) return new(null, fault);
        if (snapshot.Target != target) return new(null, $"Target '{snapshot.Target}' is not '{target}'.");
        if (snapshot.Revision < lowestRevision) return new(null, $"Revision {snapshot.Revision} is lower than {lowestRevision}.");
        return new(snapshot, null);
    }
}
internal static class EngineCheck
{
    public static string? Verify(RoutedEngine engine, TrustedKeys keys, string model, string version, Lane lane)
    {
        byte[]? payload = keys.Open(engine.Statement, SignedEnvelope.EngineStatementType, out string? fault);
        if (payload is null) return fault;
        EngineStatement? s = PipelineJson.TryRead<EngineStatement>(payload, out fault);
        if (s is null) return fault;
        return s.Model == model && s.Version == version && s.Lane == lane && s.EngineDigest == engine.EngineDigest ? null : "The statement is about another engine.";
    }
}
