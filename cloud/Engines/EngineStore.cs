using System.Net;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Connections;
using Pipeline.Core.Builds;
using Pipeline.Core.Json;
using Pipeline.Core.Naming;

namespace Pipeline.Cloud.Engines;

/// <summary>
/// Container engines: each engine under its key and digest, and one manifest a key, which is the commit. Engines
/// without a manifest that names them are leftovers of lost races or crashes.
/// </summary>
public sealed class EngineStore(CloudClients clients)
{
    private const int ManifestSizeBytesMaximum = 64 * 1024;

    private readonly BlobContainerClient container = clients.Container(EntityNames.EnginesContainer);

    /// <summary>The committed engine of a key; null when there is none.</summary>
    /// <exception cref="CorruptedBlobException">There is a manifest, but not one of this key.</exception>
    public async Task<EngineManifest?> TryReadManifestAsync(string engineKey, CancellationToken cancellationToken)
    {
        BlobClient blob = container.GetBlobClient(EntityNames.ManifestBlob(engineKey));
        byte[]? json = await BlobReads.TryReadAsync(blob, ManifestSizeBytesMaximum, cancellationToken);
        if (json is null) return null;
        EngineManifest manifest = PipelineJson.TryRead<EngineManifest>(json, out string? fault)
            ?? throw new CorruptedBlobException(blob.Name, fault!);
        if (manifest.Schema != EngineManifest.CurrentSchema)
        {
            throw new CorruptedBlobException(blob.Name, $"its schema is '{manifest.Schema}', which is not known here.");
        }

        if (manifest.EngineKey != engineKey || !Names.IsSha256(manifest.EngineDigest) || manifest.SizeBytes <= 0)
        {
            throw new CorruptedBlobException(blob.Name, "it is not the manifest of this engine key.");
        }

        return manifest;
    }

    /// <summary>
    /// Stores an engine's bytes; does nothing when they are there. It counts only once it is committed.
    /// </summary>
    /// <param name="engineKey">What was asked for.</param>
    /// <param name="engineDigest">SHA-256 of the content.</param>
    /// <param name="content">The engine, from its beginning.</param>
    public Task UploadEngineAsync(
        string engineKey, string engineDigest, Stream content, CancellationToken cancellationToken) =>
        BlobWrites.TryUploadAsync(
            container.GetBlobClient(EntityNames.EngineBlob(engineKey, engineDigest)),
            content,
            new BlobUploadOptions { Conditions = BlobWrites.MustNotExist },
            cancellationToken);

    /// <summary>
    /// Commits an uploaded engine. Whoever comes second gets the winner's manifest; its own engine is deleted, and it
    /// goes on with the winner's.
    /// </summary>
    public async Task<EngineManifest> CommitAsync(EngineManifest manifest, CancellationToken cancellationToken)
    {
        BlobContentInfo? written = await BlobWrites.TryUploadAsync(
            container.GetBlobClient(EntityNames.ManifestBlob(manifest.EngineKey)),
            PipelineJson.Write(manifest),
            new BlobUploadOptions
            {
                Conditions = BlobWrites.MustNotExist,
                HttpHeaders = new BlobHttpHeaders { ContentType = BlobWrites.Json },
            },
            cancellationToken);
        if (written is not null) return manifest;
        EngineManifest winner = await TryReadManifestAsync(manifest.EngineKey, cancellationToken)
            ?? throw new CorruptedBlobException(
                EntityNames.ManifestBlob(manifest.EngineKey), "it vanished while it was read; try again.");
        if (winner.EngineDigest != manifest.EngineDigest)
        {
            await container.GetBlobClient(EntityNames.EngineBlob(manifest.EngineKey, manifest.EngineDigest))
                .DeleteIfExistsAsync(cancellationToken: cancellationToken);
        }

        return winner;
    }

    /// <summary>Copies an engine to this machine; the file appears under its name only once it is verified.</summary>
    /// <param name="engineKey">What was asked for.</param>
    /// <param name="engineDigest">SHA-256 that the bytes must have.</param>
    /// <param name="sizeBytes">Size that they must have.</param>
    /// <param name="filePath">Where to; its folder exists.</param>
    /// <exception cref="MissingBlobException">There is no such engine.</exception>
    /// <exception cref="CorruptedBlobException">The bytes are others.</exception>
    public async Task DownloadAsync(
        string engineKey, string engineDigest, long sizeBytes, string filePath, CancellationToken cancellationToken)
    {
        BlobClient blob = container.GetBlobClient(EntityNames.EngineBlob(engineKey, engineDigest));
        try
        {
            using BlobDownloadStreamingResult result = await blob.DownloadStreamingAsync(
                cancellationToken: cancellationToken);
            await VerifiedDownload.ToFileAsync(
                result.Content, blob.Name, engineDigest, sizeBytes, filePath, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == (int)HttpStatusCode.NotFound)
        {
            throw new MissingBlobException(blob.Name, e);
        }
    }
}
