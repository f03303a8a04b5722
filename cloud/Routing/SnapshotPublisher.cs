using System.Collections.Immutable;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Options;
using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Documents;
using Pipeline.Cloud.Fleet;
using Pipeline.Cloud.Signing;
using Pipeline.Core.Fleet;
using Pipeline.Core.Json;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;

namespace Pipeline.Cloud.Routing;

/// <summary>
/// Writes the signed snapshot that edges follow, the same bytes into each of its replicas. A blob's ETag is read before the
/// table: whoever wrote the blob since then read the table at that time or later, so a write that the ETag lets through never
/// takes the revision down.
/// </summary>
public sealed class SnapshotPublisher(
    CloudClients clients, RouteStore routes, FleetStore fleet, IOptions<SnapshotOptions> options, TimeProvider time)
{
    private const int TriesMaximum = 40;

    /// <summary>
    /// Publishes a target as it stands; does nothing when every replica holds that revision, signed by this key, and tells the
    /// edges an interval that still fits their number.
    /// </summary>
    /// <returns>The revision that is published now; 0 when the target never had a change.</returns>
    /// <exception cref="UpdateConflictException">Others wrote the blobs under every try.</exception>
    public async Task<long> PublishAsync(string target, ISigner signer, CancellationToken cancellationToken)
    {
        int replicas = options.Value.Replicas;
        ImmutableArray<BlobClient> blobs = [.. Enumerable.Range(0, replicas).Select(k => Blob(target, k))];
        int edges = await fleet.CountAsync(target, time.GetUtcNow() - FleetPlanner.ReportAgeMaximum, cancellationToken);
        TimeSpan interval = PollPlan.Interval(edges, replicas, options.Value.PollShortest);
        for (int attempt = 0; attempt < TriesMaximum; attempt++)
        {
            BlobProperties?[] found = await Task.WhenAll(blobs.Select(b => BlobReads.FindAsync(b, cancellationToken)));
            HeldSnapshot[] held = [.. found.Select(HeldSnapshot.Of)];
            TargetState state = await routes.ReadTargetAsync(target, cancellationToken);
            var next = new HeldSnapshot(null, state.Revision, signer.KeyId, replicas, interval);
            if (state.Revision == 0 || held.All(h => h.Serves(next))) return state.Revision;
            RefuseToGoBack(held.Max(h => h.Revision), state);
            await DeleteSurplusAsync(target, held.Max(h => h.Replicas), cancellationToken);
            if (await TryWriteAsync(blobs, held, next, state, signer, cancellationToken)) return state.Revision;
        }

        throw new UpdateConflictException(
            $"The snapshot of target '{target}' changed under {TriesMaximum} tries to write it; try again later.");
    }

    private BlobClient Blob(string target, int replica) =>
        clients.Container(EntityNames.RoutesContainer).GetBlobClient(EntityNames.SnapshotBlob(target, replica));

    /// <summary>True when every replica that was behind has been written.</summary>
    private static async Task<bool> TryWriteAsync(
        ImmutableArray<BlobClient> blobs, HeldSnapshot[] held, HeldSnapshot next, TargetState state, ISigner signer,
        CancellationToken cancellationToken)
    {
        var snapshot = new RouteSnapshot
        {
            Schema = RouteSnapshot.CurrentSchema,
            Target = state.Target,
            Revision = state.Revision,
            Routes = [.. state.Routes.Select(r => r.Value.Route)],
            PollInterval = next.PollInterval,
            Replicas = next.Replicas,
        };
        SignedEnvelope envelope = await Envelopes.SignAsync(
            signer, SignedEnvelope.RouteSnapshotType, PipelineJson.Write(snapshot), cancellationToken);
        byte[] bytes = PipelineJson.Write(envelope);
        bool[] written = await Task.WhenAll(blobs.Zip(held).Where(b => !b.Second.Serves(next)).Select(
            b => TryWriteAsync(b.First, b.Second.ETag, bytes, next, cancellationToken)));
        return written.All(w => w);
    }

    private static async Task<bool> TryWriteAsync(
        BlobClient blob, ETag? expected, byte[] bytes, HeldSnapshot next, CancellationToken cancellationToken)
    {
        var upload = new BlobUploadOptions
        {
            Conditions = expected is { } etag ? new() { IfMatch = etag } : BlobWrites.MustNotExist,
            HttpHeaders = new() { ContentType = BlobWrites.Json },
            Metadata = next.ToMetadata(),
        };
        return await BlobWrites.TryUploadAsync(blob, bytes, upload, cancellationToken) is not null;
    }

    // Before the new number is written: should this run end between the two, the blobs still tell of the old number, and the
    // next run deletes again. An edge that finds its replica gone reads another.
    private async Task DeleteSurplusAsync(string target, int replicasBefore, CancellationToken cancellationToken)
    {
        for (int k = options.Value.Replicas; k < replicasBefore; k++)
            await Blob(target, k).DeleteIfExistsAsync(cancellationToken: cancellationToken);
    }

    private static void RefuseToGoBack(long held, TargetState state)
    {
        if (held <= state.Revision) return;
        throw new InvalidOperationException(
            $"The snapshot of target '{state.Target}' is at revision '{held}', but the table is at " +
            $"'{state.Revision}': the table lost changes. Restore it, or stop the edges, empty their caches, delete the " +
            "snapshot's blobs and start the edges again.");
    }
}
