using System.Collections.Immutable;
using System.Security.Cryptography;
using Pipeline.Cloud.Signing;
using Pipeline.Core.Json;
using Pipeline.Core.Naming;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;

namespace Pipeline.Bench.Fleet;

/// <summary>Signed snapshots of a target with ten models, each with a stable version.</summary>
internal sealed class FleetSnapshots : IDisposable
{
    public static readonly Lane Lane = Lane.Parse("cpu-x64-avx2/ort-1.29.0-cpu");

    private const int Models = 10;

    private readonly DevelopmentSigner signer;
    private readonly ImmutableArray<Route> routes;

    private FleetSnapshots(DevelopmentSigner signer, ImmutableArray<Route> routes)
    {
        this.signer = signer;
        this.routes = routes;
        Keys = new TrustedKeys(new Dictionary<string, byte[]> { [signer.KeyId] = signer.PublicKey });
    }

    public TrustedKeys Keys { get; }

    public static async Task<FleetSnapshots> CreateAsync(string folder, CancellationToken cancellationToken)
    {
        DevelopmentSigner signer = DevelopmentSigner.Open(Path.Combine(folder, "signing.pem"));
        var routes = ImmutableArray.CreateBuilder<Route>();
        for (int i = 0; i < Models; i++) routes.Add(await RouteAsync($"model-{i}", signer, cancellationToken));
        return new FleetSnapshots(signer, routes.ToImmutable());
    }

    /// <summary>Signs one; the first has no routes, since it is not measured and each edge of each fleet checks it.</summary>
    public async Task<byte[]> SignAsync(long revision, FleetScenario fleet, CancellationToken cancellationToken)
    {
        var snapshot = new RouteSnapshot
        {
            Schema = RouteSnapshot.CurrentSchema,
            Target = Lane.Target,
            Revision = revision,
            Routes = revision > 1 ? routes : [],
            PollInterval = fleet.Interval,
            Replicas = fleet.Replicas,
        };
        return PipelineJson.Write(await Envelopes.SignAsync(
            signer, SignedEnvelope.RouteSnapshotType, PipelineJson.Write(snapshot), cancellationToken));
    }

    public void Dispose() => signer.Dispose();

    private static async Task<Route> RouteAsync(string model, DevelopmentSigner signer, CancellationToken cancellationToken)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(PipelineJson.Write(model)));
        var statement = new EngineStatement
        {
            Model = model,
            Version = "1",
            Lane = Lane,
            EngineDigest = digest,
            EvidenceDigest = digest,
        };
        var engine = new RoutedEngine
        {
            EngineKey = digest,
            EngineDigest = digest,
            SizeBytes = 10_000_000,
            Statement = await Envelopes.SignAsync(
                signer, SignedEnvelope.EngineStatementType, PipelineJson.Write(statement), cancellationToken),
        };
        return new Route
        {
            Model = model,
            Target = Lane.Target,
            Stable = new RoutedVersion
            {
                Version = "1",
                AcceptanceNumber = 1,
                Engines = ImmutableSortedDictionary<string, RoutedEngine>.Empty.Add(Lane.Runtime, engine),
            },
        };
    }
}
