using System.Net;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Connections;
using Pipeline.Core.Routing;

namespace Pipeline.Cloud.Routing;

/// <summary>Where an edge looks for the routes of its target.</summary>
public sealed class SnapshotSource(CloudClients clients)
{
    /// <param name="target">The edge's target.</param>
    /// <param name="replica">Which of the blobs that hold the snapshot; 0 is always there.</param>
    /// <param name="known">ETag of that blob as the edge has read it; null when it has not.</param>
    public async Task<SnapshotRead> ReadAsync(
        string target, int replica, ETag? known, CancellationToken cancellationToken)
    {
        BlobClient blob = clients.PolledContainer(EntityNames.RoutesContainer)
            .GetBlobClient(EntityNames.SnapshotBlob(target, replica));
        var options = new BlobDownloadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = known } };
        try
        {
            Response<BlobDownloadStreamingResult> response =
                await blob.DownloadStreamingAsync(options, cancellationToken);
            int status = response.GetRawResponse().Status;
            if (status == (int)HttpStatusCode.NotModified) return new SnapshotRead.NotModified();
            using BlobDownloadStreamingResult result = response.Value;
            long size = result.Details.ContentLength;
            if (size > SnapshotCheck.SizeBytesMaximum) return new SnapshotRead.TooLarge(size);
            return new SnapshotRead.Fetched(
                await BlobReads.ToArrayAsync(result.Content, size, cancellationToken), result.Details.ETag);
        }
        catch (RequestFailedException e) when (e.Status == (int)HttpStatusCode.NotModified)
        {
            return new SnapshotRead.NotModified();
        }
        catch (RequestFailedException e) when (e.Status == (int)HttpStatusCode.NotFound)
        {
            return new SnapshotRead.Absent();
        }
    }
}
