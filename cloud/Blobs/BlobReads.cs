using System.Net;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Pipeline.Cloud.Blobs;

/// <summary>Reads of blobs that may be absent, always with a bound.</summary>
internal static class BlobReads
{
    public static async Task<BlobProperties?> FindAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            return await blob.GetPropertiesAsync(cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>The whole blob; null when there is none.</summary>
    /// <exception cref="CorruptedBlobException">It is larger than the bound.</exception>
    public static async Task<byte[]?> TryReadAsync(
        BlobClient blob, long sizeBytesMaximum, CancellationToken cancellationToken)
    {
        try
        {
            using BlobDownloadStreamingResult result = await blob.DownloadStreamingAsync(
                cancellationToken: cancellationToken);
            long size = result.Details.ContentLength;
            if (size > sizeBytesMaximum)
            {
                throw new CorruptedBlobException(blob.Name, $"it has {size} bytes, more than {sizeBytesMaximum}.");
            }

            return await ToArrayAsync(result.Content, size, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public static async Task<byte[]> ToArrayAsync(Stream content, long size, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[size];
        await content.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}
