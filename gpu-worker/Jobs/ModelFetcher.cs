using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Uploads;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>Brings the frozen files of a request onto this machine.</summary>
internal sealed class ModelFetcher(UploadStore uploads, IOptions<WorkerOptions> options)
{
    /// <exception cref="JobFailedException">A file was overwritten after acceptance, is too large, or is no golden file.</exception>
    public async Task<FetchedModel> FetchAsync(
        BuildRequest request, JobWorkspace workspace, CancellationToken cancellationToken)
    {
        Int128 size = request.Source.SizeBytes;
        foreach (SourceFile file in request.ExternalData.Concat(request.Golden)) size += file.SizeBytes;
        if (size > options.Value.ModelSizeBytesMaximum)
        {
            throw new JobFailedException(
                BuildFailureKind.BuildFailed,
                $"The upload has {size} bytes; this worker takes {options.Value.ModelSizeBytesMaximum}.");
        }

        var id = new ModelVersion(request.Model, request.Version);
        string model = await FetchAsync(id, request.Source, workspace, cancellationToken);
        var external = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (SourceFile file in request.ExternalData)
        {
            await FetchAsync(id, file, workspace, cancellationToken);
            external[NameOf(id, file)] = file.Sha256;
        }

        var golden = ImmutableArray.CreateBuilder<GoldenFile>();
        foreach (SourceFile file in request.Golden.OrderBy(g => g.Path, StringComparer.Ordinal))
        {
            var fetched = new GoldenFile(file.Path, await FetchAsync(id, file, workspace, cancellationToken));
            // Read again for the accuracy check; a file that is no npz must not cost a build first.
            GoldenSamples.Read(fetched);
            golden.Add(fetched);
        }

        return new FetchedModel { ModelPath = model, ExternalData = external.ToImmutable(), Golden = golden.ToImmutable() };
    }

    private static string NameOf(ModelVersion id, SourceFile file) =>
        UploadPath.TryParse(file.Path, out ModelVersion owner, out string name) && owner == id
            ? name
            : throw new JobFailedException(BuildFailureKind.BadRequest, $"'{file.Path}' is no file of '{id}'.");

    private async Task<string> FetchAsync(
        ModelVersion id, SourceFile file, JobWorkspace workspace, CancellationToken cancellationToken)
    {
        string path = workspace.PathOf(NameOf(id, file));
        try
        {
            await uploads.DownloadAsync(file, path, cancellationToken);
            return path;
        }
        catch (OverwrittenException)
        {
            throw new JobFailedException(
                BuildFailureKind.Overwritten,
                $"'{file.Path}' was overwritten after '{id}' was accepted. A version is immutable: upload it under a new version.");
        }
    }
}
