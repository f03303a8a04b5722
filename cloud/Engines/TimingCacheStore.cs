using System.Net;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Connections;
using Pipeline.Core.Naming;

namespace Pipeline.Cloud.Engines;

/// <summary>
/// Container caches: what the last build of each lane timed, so that the next one need not time it again. Of builds that end
/// at the same time the first one's stays: two caches can be merged by a build alone.
/// </summary>
public sealed class TimingCacheStore(CloudClients clients)
{
    /// <summary>Larger ones are neither stored nor fetched; real ones have some megabytes.</summary>
    public const long SizeBytesMaximum = 256L * 1024 * 1024;

    private readonly BlobContainerClient container = clients.Container(EntityNames.CachesContainer);

    /// <summary>Copies the lane's cache into a file; there is none afterwards where the blob is larger than the bound.</summary>
    /// <returns>The blob's ETag, for <see cref="TryStoreAsync"/>; null when there is no cache yet.</returns>
    public async Task<string?> TryFetchAsync(Lane lane, string filePath, CancellationToken cancellationToken)
    {
        try
        {
            using BlobDownloadStreamingResult result = await BlobOf(lane).DownloadStreamingAsync(cancellationToken: cancellationToken);
            string etag = ETagText.Of(result.Details.ETag);
            if (result.Details.ContentLength > SizeBytesMaximum) return etag;
            await using FileStream file = File.Create(filePath);
            await result.Content.CopyToAsync(file, cancellationToken);
            return etag;
        }
        catch (RequestFailedException e) when (e.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Stores a file as the lane's cache, over the one that was fetched.</summary>
    /// <param name="etag">What <see cref="TryFetchAsync"/> returned.</param>
    /// <returns>False when another build stored one meanwhile; that one stays.</returns>
    public async Task<bool> TryStoreAsync(Lane lane, string filePath, string? etag, CancellationToken cancellationToken)
    {
        await using FileStream file = File.OpenRead(filePath);
        var options = new BlobUploadOptions
        {
            Conditions = etag is null ? BlobWrites.MustNotExist : new BlobRequestConditions { IfMatch = ETagText.Parse(etag) },
        };
        return await BlobWrites.TryUploadAsync(BlobOf(lane), file, options, cancellationToken) is not null;
    }

    private BlobClient BlobOf(Lane lane) => container.GetBlobClient(EntityNames.TimingCacheBlob(lane));
}
