using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Messages;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;

namespace Pipeline.Cloud.Uploads;

/// <summary>Container models: what people upload. Reads name the ETag or the digest that they expect.</summary>
public sealed class UploadStore(CloudClients clients)
{
    /// <summary>Most files that a version may have; more are refused.</summary>
    public const int FilesMaximum = 2000;

    private readonly BlobContainerClient container = clients.Container(EntityNames.ModelsContainer);

    /// <summary>One file as it is now; null when there is none.</summary>
    public async Task<UploadedFile?> FindAsync(string path, CancellationToken cancellationToken) =>
        await BlobReads.FindAsync(container.GetBlobClient(path), cancellationToken) is { } found
            ? new UploadedFile
            {
                Path = path,
                ETag = ETagText.Of(found.ETag),
                SizeBytes = found.ContentLength,
                CreatedAt = found.CreatedOn,
                ModifiedAt = found.LastModified,
                TraceParent = TraceParentOf(found.Metadata),
            }
            : null;

    /// <summary>
    /// The files of one version, by path: at most <see cref="FilesMaximum"/> and one more, which tells of more.
    /// </summary>
    public async Task<ImmutableArray<UploadedFile>> ListAsync(ModelVersion id, CancellationToken cancellationToken)
    {
        var files = ImmutableArray.CreateBuilder<UploadedFile>();
        IAsyncEnumerable<BlobItem> blobs = container.GetBlobsAsync(
            BlobTraits.Metadata, BlobStates.None, UploadPath.Folder(id), cancellationToken);
        await foreach (BlobItem blob in blobs.Take(FilesMaximum + 1).WithCancellation(cancellationToken))
        {
            files.Add(FileOf(blob));
        }

        return files.ToImmutable();
    }

    /// <summary>The model.onnx of every version of every model: what reconcile compares with the promotions.</summary>
    public async IAsyncEnumerable<(ModelVersion Id, UploadedFile Model)> ListModelsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IAsyncEnumerable<BlobItem> blobs = container.GetBlobsAsync(
            BlobTraits.Metadata, BlobStates.None, prefix: null, cancellationToken);
        await foreach (BlobItem blob in blobs)
        {
            if (UploadPath.TryParse(blob.Name, out ModelVersion id, out string file) && file == UploadPath.ModelFile)
            {
                yield return (id, FileOf(blob));
            }
        }
    }

    /// <summary>Opens a file for one pass from its beginning; the bytes are those of this ETag or it fails.</summary>
    /// <exception cref="OverwrittenException">The file is another one now, or gone.</exception>
    public Task<Stream> OpenReadAsync(string path, string etag, CancellationToken cancellationToken) =>
        OpenReadAsync(path, new BlobRequestConditions { IfMatch = ETagText.Parse(etag) }, cancellationToken);

    /// <summary>Reads a small file whole; null when it is larger than the bound.</summary>
    /// <exception cref="OverwrittenException">The file is another one now, or gone.</exception>
    public async Task<byte[]?> ReadAsync(UploadedFile file, int sizeBytesMaximum, CancellationToken cancellationToken)
    {
        if (file.SizeBytes > sizeBytesMaximum) return null;
        await using Stream content = await OpenReadAsync(file.Path, file.ETag, cancellationToken);
        return await BlobReads.ToArrayAsync(content, file.SizeBytes, cancellationToken);
    }

    /// <summary>Reads a file through to freeze it: the digest of the bytes under this ETag.</summary>
    /// <exception cref="OverwrittenException">The file is another one now, or gone.</exception>
    public async Task<SourceFile> FreezeAsync(UploadedFile file, CancellationToken cancellationToken)
    {
        await using Stream content = await OpenReadAsync(file.Path, file.ETag, cancellationToken);
        return new SourceFile
        {
            Path = file.Path,
            ETag = file.ETag,
            SizeBytes = file.SizeBytes,
            Sha256 = await VerifiedDownload.DigestAsync(content, cancellationToken),
        };
    }

    /// <summary>
    /// Copies a frozen file to this machine; the file appears under its name only once it is verified. Its digest tells whether
    /// it is still that file: the same bytes written again, or given other metadata, have another ETag.
    /// </summary>
    /// <exception cref="OverwrittenException">The file has other bytes now, or is gone.</exception>
    public async Task DownloadAsync(SourceFile source, string filePath, CancellationToken cancellationToken)
    {
        await using Stream content = await OpenReadAsync(source.Path, conditions: null, cancellationToken);
        try
        {
            await VerifiedDownload.ToFileAsync(
                content, source.Path, source.Sha256, source.SizeBytes, filePath, cancellationToken);
        }
        catch (CorruptedBlobException e)
        {
            throw new OverwrittenException(source.Path, e);
        }
    }

    /// <summary>Uploads a file, with the current trace in its metadata.</summary>
    /// <returns>Null when there is a file of that path and it may not be overwritten.</returns>
    public async Task<UploadedFile?> UploadAsync(
        string path, Stream content, bool overwrite, CancellationToken cancellationToken)
    {
        var options = new BlobUploadOptions { Conditions = overwrite ? null : BlobWrites.MustNotExist };
        if (Activity.Current?.Id is { } traceParent)
        {
            options.Metadata = new Dictionary<string, string> { [EntityNames.TraceParentProperty] = traceParent };
        }

        BlobContentInfo? written = await BlobWrites.TryUploadAsync(
            container.GetBlobClient(path), content, options, cancellationToken);
        return written is null ? null : await FindAsync(path, cancellationToken);
    }

    private async Task<Stream> OpenReadAsync(
        string path, BlobRequestConditions? conditions, CancellationToken cancellationToken)
    {
        var options = new BlobDownloadOptions { Conditions = conditions };
        try
        {
            BlobDownloadStreamingResult result = await container.GetBlobClient(path)
                .DownloadStreamingAsync(options, cancellationToken);
            return result.Content;
        }
        catch (RequestFailedException e)
            when (e.Status is (int)HttpStatusCode.PreconditionFailed or (int)HttpStatusCode.NotFound)
        {
            throw new OverwrittenException(path, e);
        }
    }

    private static UploadedFile FileOf(BlobItem blob) => new()
    {
        Path = blob.Name,
        ETag = ETagText.Of(blob.Properties.ETag ?? default),
        SizeBytes = blob.Properties.ContentLength ?? 0,
        CreatedAt = blob.Properties.CreatedOn ?? default,
        ModifiedAt = blob.Properties.LastModified ?? default,
        TraceParent = TraceParentOf(blob.Metadata),
    };

    private static string? TraceParentOf(IDictionary<string, string>? metadata) =>
        metadata is not null && metadata.TryGetValue(EntityNames.TraceParentProperty, out string? text)
            ? TraceContext.Checked(text)
            : null;
}
