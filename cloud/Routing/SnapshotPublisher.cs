using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Documents;
using Pipeline.Cloud.Signing;
using Pipeline.Core.Json;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;

namespace Pipeline.Cloud.Routing;

/// <summary>
/// Writes the signed snapshot that edges follow. The blob's ETag is read before the table: whoever wrote the blob since
/// then read the table at that time or later, so a write that the ETag lets through never takes the revision down.
/// </summary>
public sealed class SnapshotPublisher(CloudClients clients, RouteStore routes)
{
    private const int TriesMaximum = 40;

    /// <summary>
    /// Publishes a target as it stands; does nothing when the blob holds that revision, signed by this key.
    /// </summary>
    /// <returns>The revision that is published now; 0 when the target never had a change.</returns>
    /// <exception cref="UpdateConflictException">Others wrote the blob under every try.</exception>
    public async Task<long> PublishAsync(string target, ISigner signer, CancellationToken cancellationToken)
    {
        BlobClient blob = clients.Container(EntityNames.RoutesContainer)
            .GetBlobClient(EntityNames.SnapshotBlob(target));
        for (int attempt = 0; attempt < TriesMaximum; attempt++)
        {
            BlobProperties? held = await BlobReads.FindAsync(blob, cancellationToken);
            TargetState state = await routes.ReadTargetAsync(target, cancellationToken);
            if (state.Revision == 0 || Holds(held, state.Revision, signer.KeyId)) return state.Revision;
            RefuseToGoBack(held, state);
            if (await TryWriteAsync(blob, held?.ETag, state, signer, cancellationToken)) return state.Revision;
        }

        throw new UpdateConflictException(
            $"The snapshot of target '{target}' changed under {TriesMaximum} tries to write it; try again later.");
    }

    private static async Task<bool> TryWriteAsync(
        BlobClient blob, ETag? held, TargetState state, ISigner signer, CancellationToken cancellationToken)
    {
        var snapshot = new RouteSnapshot
        {
            Schema = RouteSnapshot.CurrentSchema,
            Target = state.Target,
            Revision = state.Revision,
            Routes = [.. state.Routes.Select(r => r.Value.Route)],
        };
        SignedEnvelope envelope = await Envelopes.SignAsync(
            signer, SignedEnvelope.RouteSnapshotType, PipelineJson.Write(snapshot), cancellationToken);
        var options = new BlobUploadOptions
        {
            Conditions = held is { } etag ? new() { IfMatch = etag } : BlobWrites.MustNotExist,
            HttpHeaders = new() { ContentType = BlobWrites.Json },
            Metadata = new Dictionary<string, string>
            {
                [EntityNames.RevisionMetadata] = state.Revision.ToString(CultureInfo.InvariantCulture),
                [EntityNames.KeyIdMetadata] = signer.KeyId,
            },
        };
        return await BlobWrites.TryUploadAsync(
            blob, PipelineJson.Write(envelope), options, cancellationToken) is not null;
    }

    private static bool Holds(BlobProperties? held, long revision, string keyId) =>
        held is not null && RevisionOf(held) == revision
        && held.Metadata.TryGetValue(EntityNames.KeyIdMetadata, out string? signedBy) && signedBy == keyId;

    private static void RefuseToGoBack(BlobProperties? held, TargetState state)
    {
        if (held is null || RevisionOf(held) <= state.Revision) return;
        throw new InvalidOperationException(
            $"The snapshot of target '{state.Target}' is at revision '{RevisionOf(held)}', but the table is at " +
            $"'{state.Revision}': the table lost changes. Restore it, or delete the blob and restart the edges.");
    }

    private static long RevisionOf(BlobProperties held) =>
        held.Metadata.TryGetValue(EntityNames.RevisionMetadata, out string? text)
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long revision)
            ? revision
            : 0;
}
