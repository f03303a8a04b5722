using Pipeline.Core.Json;
using Pipeline.Core.Naming;
using Pipeline.Core.Signing;

namespace Pipeline.Core.Routing;

/// <summary>
/// Whether an edge may follow a snapshot. It is taken as a whole or not at all: an edge goes on with the routes it has
/// rather than follow half of new ones.
/// </summary>
public static class SnapshotCheck
{
    /// <summary>Largest snapshot blob that is read.</summary>
    public const int SizeBytesMaximum = 16 * 1024 * 1024;

    /// <param name="blob">The bytes of routes/{target}.json: a <see cref="SignedEnvelope"/>.</param>
    /// <param name="lowestRevision">The revision that is followed now; lower ones are refused.</param>
    public static SnapshotReading Read(ReadOnlySpan<byte> blob, TrustedKeys keys, string target, long lowestRevision)
    {
        if (blob.Length > SizeBytesMaximum)
        {
            return Refuse($"The snapshot has {blob.Length} bytes; at most {SizeBytesMaximum} are read.");
        }

        if (PipelineJson.TryRead<SignedEnvelope>(blob, out string? fault) is not { } envelope) return Refuse(fault);
        if (keys.Open(envelope, SignedEnvelope.RouteSnapshotType, out fault) is not { } payload) return Refuse(fault);
        if (PipelineJson.TryRead<RouteSnapshot>(payload, out fault) is not { } snapshot) return Refuse(fault);
        string[] faults = [.. Faults(snapshot, target, lowestRevision).Take(20)];
        return faults.Length > 0
            ? Refuse(string.Join(" ", faults))
            : new SnapshotReading { Snapshot = snapshot, Fault = null };
    }

    private static SnapshotReading Refuse(string? fault) =>
        new() { Snapshot = null, Fault = Sentence.Bound(fault ?? "The snapshot cannot be read.", 2000) };

    private static IEnumerable<string> Faults(RouteSnapshot snapshot, string target, long lowestRevision)
    {
        if (snapshot.Schema != RouteSnapshot.CurrentSchema)
        {
            yield return $"The snapshot has schema {snapshot.Schema}; this edge reads {RouteSnapshot.CurrentSchema}.";
        }

        if (snapshot.Target != target) yield return $"The snapshot is for target '{snapshot.Target}', not '{target}'.";
        if (snapshot.Revision < lowestRevision)
        {
            yield return $"The snapshot has revision {snapshot.Revision}, older than the {lowestRevision} that is followed.";
        }

        var models = new HashSet<string>(StringComparer.Ordinal);
        foreach (Route? route in snapshot.Routes)
        {
            if (route is null) yield return "A route is null.";
            else if (!models.Add(route.Model)) yield return $"Model '{route.Model}' has two routes.";
            else foreach (string fault in Faults(route, target)) yield return $"Route '{route.Model}': {fault}";
        }
    }

    private static IEnumerable<string> Faults(Route route, string target)
    {
        if (!Names.IsModel(route.Model)) yield return "the model's name is not valid.";
        if (route.Target != target) yield return $"it is for target '{route.Target}'.";
        if (route.CandidateWeight is < 0 or > StickySplit.Buckets)
        {
            yield return $"the weight {route.CandidateWeight} is not from 0 to {StickySplit.Buckets}.";
        }

        if (route.Candidate is null && route.CandidateWeight != 0) yield return "it has a weight without a candidate.";
        if (route.Candidate is not null && route.Stable is null) yield return "it has a candidate without a stable version.";
        foreach (RoutedVersion version in new[] { route.Stable, route.Candidate }.OfType<RoutedVersion>())
        {
            if (!Names.IsVersion(version.Version)) yield return $"the version '{version.Version}' is not a valid name.";
            if (version.Engines.IsEmpty) yield return $"version '{version.Version}' has no engine.";
            foreach ((string runtime, RoutedEngine? engine) in version.Engines)
            {
                if (!Names.IsRuntime(runtime)) yield return $"'{runtime}' is not a runtime.";
                if (engine is null || !Names.IsSha256(engine.EngineDigest) || !Names.IsSha256(engine.EngineKey)
                    || engine.SizeBytes <= 0)
                {
                    yield return $"version '{version.Version}' has an engine for '{runtime}' without key, digest or size.";
                }
            }
        }
    }
}
