using System.Collections.Immutable;
using System.Security.Cryptography;
using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Uploads;
using Pipeline.Core.Acceptance;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;
using Pipeline.Onnx.Inspection;

namespace Pipeline.Functions.Uploads;

/// <summary>Reads what was uploaded and freezes it: digests and ETags of every file, in constant memory.</summary>
public sealed class UploadReader(UploadStore uploads, DeployedLanes lanes)
{
    /// <summary>The facts of an upload; null when its model is gone, changes while it is read, or was refused before.</summary>
    public async Task<UploadFacts?> ReadAsync(ModelVersion id, Promotion? existing, CancellationToken cancellationToken)
    {
        ImmutableArray<UploadedFile> files = await uploads.ListAsync(id, cancellationToken);
        UploadedFile? model = files.FirstOrDefault(f => f.Path == UploadPath.Model(id));
        // What was refused once is not read through again at every tick and redelivery.
        if (model is null || (existing?.RefusedETag == model.ETag && existing.Source.ETag != model.ETag)) return null;
        try
        {
            return await ReadAsync(id, files, model, existing, cancellationToken);
        }
        catch (OverwrittenException)
        {
            return null;
        }
    }

    private async Task<UploadFacts> ReadAsync(
        ModelVersion id, ImmutableArray<UploadedFile> files, UploadedFile model, Promotion? existing,
        CancellationToken cancellationToken)
    {
        (SourceFile? policyFile, PolicyReading? policy) = await ReadPolicyAsync(id, files, cancellationToken);
        var facts = new UploadFacts
        {
            Id = id,
            UploadedAt = model.ModifiedAt,
            Source = new SourceFile { Path = model.Path, ETag = model.ETag, SizeBytes = model.SizeBytes, Sha256 = "" },
            PolicyFile = policyFile,
            Policy = policy,
            TraceParent = model.TraceParent,
        };
        // The same ETag is the same bytes: a repeated event costs no second reading of the model.
        if (existing is { AcceptanceNumber: not null } && existing.Source.ETag == model.ETag)
            return facts with { Source = existing.Source, ExternalData = existing.ExternalData, Golden = existing.Golden };
        if (files.Length > UploadStore.FilesMaximum)
            return facts with { ModelFault = $"The upload has over {UploadStore.FilesMaximum} files." };

        OnnxInspection inspection;
        await using (Stream stream = await uploads.OpenReadAsync(model.Path, model.ETag, cancellationToken))
            inspection = await OnnxInspector.InspectAsync(stream, limits: null, cancellationToken);
        if (inspection.Fault is { } fault) return facts with { ModelFault = fault.Message };
        facts = facts with { Source = facts.Source with { Sha256 = inspection.Sha256! } };

        string folder = UploadPath.Folder(id);
        HashSet<string> external = [.. inspection.Model!.ExternalData.Select(e => folder + e.Location)];
        return facts with
        {
            ExternalData = await FreezeAsync(files.Where(f => external.Contains(f.Path)), cancellationToken),
            Golden = await FreezeAsync(files.Where(f => IsGolden(f.Path, folder)), cancellationToken),
            MissingExternalData = [.. external.Except(files.Select(f => f.Path)).Select(p => p[folder.Length..]).Order()],
        };
    }

    private async Task<(SourceFile?, PolicyReading?)> ReadPolicyAsync(
        ModelVersion id, ImmutableArray<UploadedFile> files, CancellationToken cancellationToken)
    {
        UploadedFile? file = files.FirstOrDefault(f => f.Path == UploadPath.Policy(id))
            ?? await uploads.FindAsync(UploadPath.Policy(id.Model), cancellationToken);
        if (file is null) return default;
        byte[]? json = await uploads.ReadAsync(file, PromotionPolicy.SizeBytesMaximum, cancellationToken);
        var frozen = new SourceFile
        {
            Path = file.Path,
            ETag = file.ETag,
            SizeBytes = file.SizeBytes,
            Sha256 = json is null ? "" : Convert.ToHexStringLower(SHA256.HashData(json)),
        };
        string tooLarge = $"promotion.json has {file.SizeBytes} bytes; the most is {PromotionPolicy.SizeBytesMaximum}.";
        return (frozen, json is null
            ? new PolicyReading { Policy = null, Errors = [tooLarge] }
            : PolicyReader.Read(json, lanes.All));
    }

    private async Task<ImmutableArray<SourceFile>> FreezeAsync(
        IEnumerable<UploadedFile> files, CancellationToken cancellationToken)
    {
        var frozen = ImmutableArray.CreateBuilder<SourceFile>();
        foreach (UploadedFile file in files) frozen.Add(await uploads.FreezeAsync(file, cancellationToken));
        return frozen.ToImmutable();
    }

    private static bool IsGolden(string path, string folder) =>
        path.StartsWith(folder + UploadPath.GoldenFolder, StringComparison.Ordinal) &&
        path.EndsWith(".npz", StringComparison.Ordinal);
}
