using System.Net;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Pipeline.Cloud.Blobs;

/// <summary>Conditional writes of blobs.</summary>
internal static class BlobWrites
{
    public const string Json = "application/json";

    public static BlobRequestConditions MustNotExist { get; } = new() { IfNoneMatch = ETag.All };

    /// <summary>What the service then holds; null when the condition does not hold.</summary>
    public static async Task<BlobContentInfo?> TryUploadAsync(
        BlobClient blob, Stream content, BlobUploadOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await blob.UploadAsync(content, options, cancellationToken);
        }
        catch (RequestFailedException e)
            when (e.Status is (int)HttpStatusCode.Conflict or (int)HttpStatusCode.PreconditionFailed)
        {
            return null;
        }
    }

    public static async Task<BlobContentInfo?> TryUploadAsync(
        BlobClient blob, byte[] content, BlobUploadOptions options, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(content, writable: false);
        return await TryUploadAsync(blob, stream, options, cancellationToken);
    }
}
